"""Spoils scenarios in the ways that people, editors and attackers do; the same seed, the same way.

`mutant(seed)` returns the bytes of a file, `override(seed)` a text as after `--set`.
"""

import json
import random
import re
from itertools import pairwise
from pathlib import Path

from ruamel.yaml import YAML

from kla_sim.scenario.shipped import shipped_names, shipped_scenario

DATA = Path(__file__).parents[1] / "data"
SMALL = [DATA / "broken" / "plan.yaml", *sorted((DATA / "conformance").glob("*.yaml"))]
SHIPPED = [shipped_scenario("kaltara_2022"), *map(shipped_scenario, shipped_names())]
TEXTS = {path: path.read_text(encoding="utf-8") for path in [*SMALL, *SHIPPED]}

HOSTILE = (
    # numbers
    *("0", "-1", "1", "2", "99999999999999999999", "-99999999999999999999", "1e308", "1e999"),
    *("-1e999", ".inf", "-.inf", ".nan", "0x10", "0o17", "1_000", "+5", "-0", "0.0", "1e-400"),
    *(
        "9" * 400,
        "0." + "3" * 400,
        "2.500",
        "2,500",
        "1,5",
        "10.000.000",
        "1.2.3",
        "--5",
        "1e",
        "e5",
    ),
    *("4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "1000000000"),
    *("1000001", "0.1", "1.5", "١٢", "²", "１２", "−5", "½", "1O", "0,0"),
    # amounts, times, shares, days, dates
    *("850 juta", "1,2 miliar", "Rp 2.500.000", "Rp", "9e99 triliun", "-5 miliar", "5 milyaran"),
    *("3 minggu", "-3 minggu", "1000000 tahun", "1e6", "bulan", "0 hari", "3 \u00a0 minggu"),
    *("35%", "135%", "-5%", "%", "33.33%", "33.333%", "1 Februari", "29 Februari", "31 April"),
    *("February 1", "02-01", "0 Januari", "99 Januari", "2024-02-30", "0000-00-00", "9999-12-31"),
    *("2023-1-1", "2023–01–01", "1899-12-31", "2200-12-31", "2026-12-31T00:00:00Z", "2024", "24"),
    # other kinds of value
    *("null", "~", "", "true", "no", "[]", "{}", "[[]]", "[null]", "{a: b}", "[1, 2, 3]"),
    *("{low: 1}", "{low: 1, likely: 2, high: 3}", "{low: 3, likely: 2, high: 1}"),
    *("{distribution: uniform, low: 0, high: 1}", "{distribution: gamma}", "{distribution: []}"),
    *("{distribution: discrete, values: [1], chances: [1]}", "{2024: 3}", "{2024: 12,5 miliar}"),
    *("{? [a] : b}", "!!python/object:os.system x", "!!int 3", "!!binary AA==", "*a", "&a 3"),
    *("|\n   blok\n   teks", ">-\n   lipat", "'satu", '"dua', '"\\u0000"', '"\\ud800"', '"\\x7f"'),
    *('"\\e[31m"', '"\\U0010ffff"', '"\\u202e"', '"\\q"', "@x", "`x", "%x", "- x", "? x", ": x"),
    # names and paths
    *("jakarta_barat", "timur", "province", "common", "window", "__class__", "model_dump", "from"),
    *("../../etc/passwd", "/dev/zero", "shipped:base", "shipped:", "a.csv", "2022", "/tmp", "."),
    *("a" * 300, "é" * 300, "\u200b", "a\u200bb", "\u202e", "“x”", "‘x’", "аbc", "\U0001f600", "ا"),
    *("[/b]", "[draf]", "{x}", "{0}", "%s", "$x^2$", "=cmd|' /C calc'!A0", "<script>", "\\", ":x:"),
    *("cities.*", "*.*.*", "work.zone.*.duration", "effects.integration", "a..b", ".", "*"),
    # choices of the model, in wrong places
    *("utama", "kla", "unknown", "kota", "ministry", "listed", "city", "civil_rights", "pert"),
)
assert len(set(HOSTILE)) > 150

KEYS = (
    *("schema_version", "extends", "name", "start", "horizon", "worlds", "cities", "work", "zone"),
    *("uncertain", "observed", "background", "posterior", "sha256", "history", "order", "waive"),
    *("2024", '"2024"', "1 Februari", "likely", "distribution", "from", "null", "<<", "[a]", "? x"),
)
PIECES = (
    *("{", "}", "[", "]", ",", ":", ": ", "- ", "#", " #", "|", ">", "%", "@", "`", "&a ", "*a"),
    *("'", '"', "\n", "\r", "\r\n", "\t", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028"),
    *(
        "\u00a0",
        "\u200b",
        "\u200e",
        "\u202e",
        "\u00ad",
        "\ufeff",
        "\uffff",
        "“",
        "”",
        "’",
        "–",
        "−",
    ),
    *(
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "<<: *a\n",
        "? ",
        "!!",
        "\\",
        "\U0001f600",
        "\u0301",
        "x" * 200,
    ),
)
BYTES = (
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
)

_VALUE = re.compile(r"(?<=[:,\[] )[^\s,\[\]{}#][^,\[\]{}#\n]*")
_KEY = re.compile(r"[\w.*]+(?=:)")


def mutant(seed: int) -> bytes:
    """Return a spoiled scenario; most are spoiled in few places, so that they get far."""
    chance = random.Random(seed)
    text = TEXTS[chance.choice(SMALL if chance.random() < 0.7 else SHIPPED)]
    if chance.random() < 0.25:
        text = _with_changed_tree(chance, text)
    else:
        for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
            text = chance.choice(_CHANGES)(chance, text)
    content = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        place = chance.randint(0, len(content))
        content = content[:place] + chance.choice(BYTES) + content[place + chance.randint(0, 3) :]
    return content


def override(seed: int) -> str:
    """Return a text as after `--set`: mostly a path that there is, with a hostile value."""
    chance = random.Random(seed)
    path = chance.choice(_PATHS)
    if chance.random() < 0.25:
        parts = path.split(".")
        place = chance.randrange(len(parts))
        parts[place : place + chance.randint(0, 2)] = [
            chance.choice(HOSTILE + KEYS + ("a",) * 9_000)
            for _ in range(chance.choice((0, 1, 1, 2, 40, 990)))
        ]
        path = ".".join(parts)
    sign = chance.choice((*["="] * 12, "= ", " =", "==", "", ":"))
    value = chance.choice(HOSTILE + PIECES)
    if chance.random() < 0.2:
        value = (
            chance.choice(("[", "{", "{a: ", "- ", "[[[[")) * chance.choice((1, 40, 5_000)) + value
        )
    text = path + sign + value
    if chance.random() < 0.1:
        place = chance.randint(0, len(text))
        text = text[:place] + chance.choice((*PIECES, "\udc80")) + text[place:]
    return text


def _with_changed_value(chance, text):
    return _replaced(chance, text, _VALUE, chance.choice(HOSTILE))


def _with_changed_key(chance, text):
    return _replaced(chance, text, _KEY, chance.choice(KEYS + HOSTILE))


def _replaced(chance, text, pattern, new):
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = chance.choice(found)
    return text[: place.start()] + new + text[place.end() :]


def _with_moved_value(chance, text):
    found = list(_VALUE.finditer(text))
    return _replaced(chance, text, _VALUE, chance.choice(found)[0]) if found else text


def _with_changed_lines(chance, text):
    lines = text.split("\n")
    a, b = sorted(chance.randrange(len(lines)) for _ in range(2))
    what = chance.randrange(7)
    if what == 0:
        del lines[a : a + chance.randint(1, 4)]
    elif what == 1:
        lines[b:b] = lines[a : a + chance.randint(1, 6)]
    elif what == 2:
        lines[a], lines[b] = lines[b], lines[a]
    elif what == 3:
        lines[a] = chance.choice((" ", "  ", "    ", "\t", "\u00a0")) + lines[a]
    elif what == 4:
        lines[a] = lines[a].lstrip()
    elif what == 5:
        lines = lines[: a + 1]
    else:
        indent = " " * chance.choice((0, 2, 4))
        lines.insert(a, f"{indent}{chance.choice(KEYS)}: {chance.choice(HOSTILE)}")
    return "\n".join(lines)


def _with_piece(chance, text):
    place = chance.randint(0, len(text))
    gone = chance.choice((0, 0, 1, 3, 30))
    return text[:place] + chance.choice(PIECES) + text[place + gone :]


def _with_depth(chance, text):
    depth = chance.choice((5, 29, 31, 1_000, 20_000))
    opened, closed = chance.choice((("[", "]"), ("{a: ", "}"), ("- ", ""), ("[{b: ", "}]")))
    return _replaced(chance, text, _VALUE, opened * depth + "x" + closed * depth)


def _with_aliases(chance, text):
    lines = ["boom: &a [x, x, x, x, x, x, x, x, x]"]
    names = "abcdefghij"
    for before, name in pairwise(names[: chance.randint(2, 9)]):
        lines.append(f"boom{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    return text + "\n".join(lines) + "\n"


_CHANGES = (
    *[_with_changed_value] * 6,
    *[_with_changed_key] * 3,
    *[_with_moved_value] * 2,
    *[_with_changed_lines] * 4,
    *[_with_piece] * 3,
    _with_depth,
    _with_aliases,
)


def _with_changed_tree(chance, text):
    """Change values in the tree itself and write it as JSON, which is YAML too."""
    tree = YAML(typ="safe", pure=True).load(text)
    for _ in range(chance.choice((1, 1, 2, 4))):
        owner, key = chance.choice(list(_nodes(tree)))
        what = chance.randrange(6)
        others = list(_nodes(tree))
        if what == 0 and isinstance(owner, dict):
            del owner[key]
        elif what == 1 and isinstance(owner, dict):
            owner[chance.choice(KEYS + HOSTILE)] = owner[key]
        elif what == 2:
            other, name = chance.choice(others)
            owner[key] = json.loads(json.dumps(other[name], default=str))
        elif what == 3:
            owner[key] = chance.choice(
                (0, -1, 1e300, 10**30, True, None, [], {}, "", "\ud800", [[]])
            )
        else:
            owner[key] = chance.choice(HOSTILE)
    indent = chance.choice((None, 1))
    return json.dumps(tree, default=str, ensure_ascii=chance.random() < 0.5, indent=indent)


def _nodes(tree):
    children = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(children):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _nodes(value)


def _paths(tree, above=()):
    for key, value in tree.items():
        yield ".".join([*above, str(key)])
        if isinstance(value, dict):
            yield from _paths(value, (*above, str(key)))


_PATHS = sorted(_paths(YAML(typ="safe", pure=True).load(TEXTS[SMALL[0]])))
