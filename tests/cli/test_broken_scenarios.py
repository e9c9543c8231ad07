"""Broken scenarios: each gives its exact message in both languages, and nothing is written.

A file of tests/data/broken says in its first lines what is expected of it. What cannot stand in
such a file (bytes, sizes, missing files) is made here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kla_sim.cli import main

BROKEN = Path(__file__).parents[1] / "data" / "broken"
FILES = sorted(path.name for path in BROKEN.glob("*.yaml") if path.name != "plan.yaml")


def expected_of(path, language):
    """Return the messages that a file says it deserves."""
    mark = f"# {language}: "
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


@pytest.fixture
def refused(tmp_path, capsys, monkeypatch):
    """Run a command in the folder of the broken files; return its exit code and what it said."""
    monkeypatch.delenv("KLA_SIM_LANGUAGE", raising=False)
    results = tmp_path / "results"

    def run(*words, language, folder=BROKEN):
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as stop:
            main([*map(str, words), "--language", language, "--out", str(results)])
        assert not results.exists()
        said = capsys.readouterr()
        assert said.out == ""
        return stop.value.code, said.err.splitlines()

    return run


def test_there_are_more_than_forty_kinds():
    assert len(FILES) > 40


def test_the_plan_they_spoil_is_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(BROKEN)
    with pytest.raises(SystemExit) as stop:
        main(["validate", "plan.yaml", "--quiet"])
    assert stop.value.code == 0


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_gives_its_exact_message_and_writes_nothing(refused, name, language):
    code, said = refused("run", name, "-n", 5, language=language)
    assert said == expected_of(BROKEN / name, language)
    assert said, "a broken file says what is expected of it"
    assert code == 2


def nested(depth):
    return "effects: " + "[" * depth + "]" * depth + "\n"


ALIASES = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)

MADE = {
    "empty": (
        b"",
        "made.yaml:1:1  Berkas ini kosong. Tulis skenario, atau mulai dengan "
        "`python -m kla_sim new BERKAS`.",
        "made.yaml:1:1  The file is empty. Write a scenario, or begin with "
        "`python -m kla_sim new FILE`.",
    ),
    "latin 1": (
        "schema_version: 1\nname: Caf\u00e9\n".encode("latin-1"),
        "made.yaml:2:10  Berkas ini bukan teks UTF-8 mulai dari sini. Simpan ulang sebagai UTF-8.",
        "made.yaml:2:10  From here on the file is not UTF-8 text. Save it as UTF-8.",
    ),
    "control character": (
        b"schema_version: 1\nname: a\x07b\n",
        "made.yaml:2:8  Tanda kendali U+0007 tidak boleh ada dalam skenario. Hapus tanda itu.",
        "made.yaml:2:8  The control character U+0007 may not stand in a scenario. Delete it.",
    ),
    "a hundred thousand brackets": (
        nested(100_000).encode(),
        "made.yaml:1:39  effects.{zeros}: Bersarang lebih dari 30 tingkat. Skenario tidak "
        "memerlukan sedalam itu: periksa kurung dan indentasinya.",
        "made.yaml:1:39  effects.{zeros}: Nested more than 30 levels deep. No scenario needs "
        "that: check brackets and indentation.",
    ),
    "a billion values by aliases": (
        ALIASES.encode(),
        "made.yaml:5:44  e.9: Lebih dari 100000 nilai setelah semua alias dijabarkan. Kurangi "
        "alias (`*nama`) atau isinya.",
        "made.yaml:5:44  e.9: More than 100000 values once all aliases are written out. Use "
        "fewer aliases (`*name`) or less content.",
    ),
    "more than a mebibyte": (
        b"schema_version: 1\n" + b"# " + b"x" * 2**20,
        "made.yaml  Berkas made.yaml lebih besar dari 1 MiB, batas ukuran skenario. Pindahkan "
        "sebagian ke berkas lain dengan `extends`.",
        "made.yaml  The file made.yaml is larger than 1 MiB, the limit for scenarios. Move a "
        "part to another file with `extends`.",
    ),
}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", MADE)
def test_bytes_that_are_no_scenario(refused, tmp_path, kind, language):
    content, *messages = MADE[kind]
    (tmp_path / "made.yaml").write_bytes(content)
    code, said = refused("run", "made.yaml", language=language, folder=tmp_path)
    expected = messages[["id", "en"].index(language)].replace("{zeros}", ".".join(["0"] * 29))
    assert said == [expected]
    assert code == 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("id", "tidak_ada.yaml  Berkas tidak_ada.yaml tidak ada. Periksa nama dan foldernya."),
        ("en", "tidak_ada.yaml  There is no file tidak_ada.yaml. Check its name and folder."),
    ],
)
def test_a_missing_file(refused, tmp_path, language, expected):
    assert refused("run", "tidak_ada.yaml", language=language, folder=tmp_path) == (2, [expected])


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "id",
            "f.yaml  f.yaml adalah folder, padahal yang diperlukan berkas skenario. Sebutkan "
            "berkas YAML di dalamnya.",
        ),
        (
            "en",
            "f.yaml  f.yaml is a folder where a scenario file is needed. Name a YAML file in it.",
        ),
    ],
)
def test_a_folder(refused, tmp_path, language, expected):
    (tmp_path / "f.yaml").mkdir()
    assert refused("run", "f.yaml", language=language, folder=tmp_path) == (2, [expected])


def test_a_device_is_not_read(refused):
    code, said = refused("run", "/dev/zero", language="en")
    assert (code, said) == (2, ["/dev/zero  /dev/zero is not a regular file. Name a YAML file."])


SETS = {
    "policy.wip_limit=0": (
        "--set  policy.wip_limit: 0 di bawah 1, nilai terkecil yang boleh. Naikkan.",
        "--set  policy.wip_limit: 0 is below 1, the least that is allowed. Raise it.",
    ),
    "polcy.wip_limit=3": (
        "--set  polcy: Kunci polcy tidak dikenal. Maksudnya policy?",
        "--set  polcy: The key polcy is unknown. Did you mean policy?",
    ),
    "accounts.province.2024=2.500": (
        "--set  accounts.province.2024: 2.500 dapat berarti 2.5 atau 2500. Tulis 2500 tanpa "
        "pemisah, atau 2.5 untuk bilangan desimal.",
        "--set  accounts.province.2024: 2.500 may mean 2.5 or 2500. Write 2500 without a "
        "separator, or 2.5 for the decimal number.",
    ),
    "work.zone.*.rank=1": (
        "--set  work.zone.*.rank: `*` tidak boleh dipakai dengan --set. Sebutkan satu nilai, "
        "atau tulis varian dengan `extends`.",
        "--set  work.zone.*.rank: `*` may not be used with --set. Name one value, or write a "
        "variant with `extends`.",
    ),
    "nilai": (
        "--set  `nilai` tidak berbentuk jalur=nilai. Tulis misalnya --set policy.wip_limit=4.",
        "--set  `nilai` is not of the form path=value. Write for example --set policy.wip_limit=4.",
    ),
    "effects={integration: 0,2}": (
        "--set  effects.integration: Di dalam { } koma memisahkan: terbaca 0 dan kunci 2. Tulis "
        'dengan tanda kutip, "0,2", atau dengan titik, 0.2.',
        "--set  effects.integration: Inside { } a comma separates: this reads as 0 and a key 2. "
        'Write it in quotes, "0,2", or with a point, 0.2.',
    ),
}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("override", SETS)
def test_a_wrong_value_on_the_command_line(refused, override, language):
    code, said = refused("run", "plan.yaml", "--set", override, language=language)
    assert said == [SETS[override][["id", "en"].index(language)]]
    assert code == 2


def test_json_lists_every_fault_with_its_place(capsys, monkeypatch):
    monkeypatch.chdir(BROKEN)
    with pytest.raises(SystemExit) as stop:
        main(["validate", "many_at_once.yaml", "--json", "--language", "en"])
    issues = json.loads(capsys.readouterr().out)["issues"]
    assert stop.value.code == 2
    assert [issue["message"] for issue in issues] == expected_of(BROKEN / "many_at_once.yaml", "en")
    assert set(issues[0]) == {"file", "line", "column", "path", "code", "message"}
    assert issues[0]["code"] == "unknown_key_near"
    assert issues[0]["line"] > 0


def test_as_a_user_meets_it(tmp_path):
    """In a process of its own: no traceback, exit code 2, the folder as it was."""
    (tmp_path / "rencana.yaml").write_text("worldz: 3\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "kla_sim", "run", "rencana.yaml", "-n", "5"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "KLA_SIM_LANGUAGE": "id"},
        check=False,
    )
    assert done.returncode == 2
    assert "rencana.yaml:1:1  worldz: Kunci worldz tidak dikenal. Maksudnya worlds?" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["rencana.yaml"]
