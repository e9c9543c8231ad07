"""What the page opens and saves: files of the scenario's folder, and never over another's work."""

import os

import pytest
from page_serving import PLAN, client_of, events, pieces, question, write_plan

from kla_sim.errors import UsageError
from kla_sim.page.folder import Folder
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.store.files import hash_of

OUTSIDE = [
    "../lain.yaml", "/etc/passwd", "a/b.yaml", "..\\lain.yaml", "C:\\lain.yaml", "C:lain.yaml",
    "lain", "lain.txt", ".lain.yaml", "", "a\0.yaml", "x" * 200 + ".yaml", "shipped:../../x",
    "shipped:", "a\u202e.yaml\n",
]  # fmt: skip


@pytest.fixture
def plan(tmp_path):
    folder = tmp_path / "rencana"
    folder.mkdir()
    write_plan(tmp_path, name="lain.yaml")
    return write_plan(folder)


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_folder(plan, name):
    with pytest.raises(UsageError):
        Folder(plan).open(name)


@pytest.mark.parametrize("name", [name for name in OUTSIDE if not name.startswith("shipped:")])
def test_nothing_is_saved_outside_the_folder(plan, name):
    with pytest.raises(UsageError):
        Folder(plan).save(name, "x", "")
    assert sorted(path.name for path in plan.parent.parent.iterdir()) == ["lain.yaml", "rencana"]


def test_a_link_out_of_the_folder_is_not_followed(plan):
    (plan.parent / "tautan.yaml").symlink_to(plan.parent.parent / "lain.yaml")
    folder = Folder(plan)
    assert "tautan.yaml" not in folder.names()
    for act in (lambda: folder.open("tautan.yaml"), lambda: folder.save("tautan.yaml", "x", "")):
        with pytest.raises(UsageError):
            act()
    assert (plan.parent.parent / "lain.yaml").read_text(encoding="utf-8") == PLAN


def test_a_file_that_is_gone_is_said_and_the_text_of_the_page_stays(plan):
    client = client_of(plan)
    form = question(plan)
    assert client.post("/", data={"name": "../lain.yaml"}).status_code == 404
    plan.unlink()
    answer = client.get("/")
    assert answer.status_code == 404
    assert answer.text.startswith("rencana.yaml tidak dapat dibuka")
    kept = client.post("/", data={**form, "language": "en"})
    assert kept.status_code == 200
    assert "komentar ini tetap" in kept.text


def test_a_shipped_scenario_is_never_written_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = shipped_scenario("two_more_facilitators")
    before = path.read_bytes()
    client = client_of(path)
    form = question(path, name="shipped:two_more_facilitators")
    assert "extends: shipped:kaltara_2022" in form["text"]
    text = form["text"] + "# tambahan\n"
    shown = hash_of(text.encode())
    form |= {"text": text, "target": "two_more_facilitators.yaml", "shown": shown}
    events(client, "/save", form)
    assert (tmp_path / "two_more_facilitators.yaml").read_text(encoding="utf-8") == text
    assert path.read_bytes() == before


def save(client, plan, text, **more):
    form = question(plan, text, target=plan.name, shown=hash_of(text.encode()), **more)
    return events(client, "/save", form)


def test_saving_writes_what_was_shown_and_nothing_else(plan):
    client, text = client_of(plan), PLAN.replace("wip_limit: 3", "wip_limit: 5")
    shown = events(client, "/difference", question(plan, text))
    assert "+policy: {wip_limit: 5}   # tiga kawasan" in pieces(shown, "saving")[0]
    assert plan.read_text(encoding="utf-8") == PLAN
    found = save(client, plan, text)
    assert plan.read_text(encoding="utf-8") == text
    assert {"saved": True} in found
    assert hash_of(text.encode()) in pieces(found, "opened")[0]
    assert [path.name for path in plan.parent.iterdir()] == [plan.name]


def test_a_text_that_was_not_shown_is_shown_and_not_saved(plan):
    text = PLAN + "# baru\n"
    form = question(plan, text, target=plan.name, shown=hash_of(b"lain"))
    assert pieces(events(client_of(plan), "/save", form), "saving")
    assert plan.read_text(encoding="utf-8") == PLAN


def test_a_file_changed_by_an_editor_meanwhile_is_kept_and_the_reader_asked(plan):
    client, mine = client_of(plan), PLAN + "# milik saya\n"
    form = question(plan, mine, target=plan.name, shown=hash_of(mine.encode()))
    write_plan(plan.parent, PLAN + "# milik orang lain\n")
    asked = pieces(events(client, "/save", form), "saving")[0]
    assert "diubah program lain" in asked
    assert 'value="rencana-2.yaml"' in asked
    assert "milik orang lain" in plan.read_text(encoding="utf-8")
    told = events(client, "/odds", form)
    assert any("diubah program lain" in event.get("announce", "") for event in told)
    events(client, "/save", {**form, "target": "rencana-2.yaml"})
    assert (plan.parent / "rencana-2.yaml").read_text(encoding="utf-8") == mine
    assert "milik orang lain" in plan.read_text(encoding="utf-8")


def test_going_on_with_the_version_on_disk_keeps_ones_own_beside_it(plan):
    client, mine, theirs = client_of(plan), PLAN + "# milik saya\n", PLAN + "# lain\n"
    form = question(plan, mine)
    write_plan(plan.parent, theirs)
    found = events(client, "/take", form)
    assert [event["text"] for event in found if "text" in event] == [theirs]
    assert (plan.parent / "rencana-2.yaml").read_text(encoding="utf-8") == mine
    assert plan.read_text(encoding="utf-8") == theirs


def test_another_file_of_the_folder_is_not_written_over(plan):
    other = write_plan(plan.parent, "# lain\n", name="lain.yaml")
    text = PLAN + "# baru\n"
    form = question(plan, text, target="lain.yaml", shown=hash_of(text.encode()))
    found = events(client_of(plan), "/save", form)
    assert "lain.yaml sudah ada" in found[-1]["announce"]
    assert other.read_text(encoding="utf-8") == "# lain\n"


def test_a_file_that_is_gone_is_written_again_from_the_page(plan):
    client, form = client_of(plan), question(plan)
    plan.unlink()
    assert pieces(events(client, "/odds", form), "odds")
    events(client, "/save", {**form, "target": plan.name, "shown": hash_of(PLAN.encode())})
    assert plan.read_text(encoding="utf-8") == PLAN


def test_byte_order_mark_ends_of_lines_and_rights_stay_those_of_the_file(plan):
    plan.write_bytes(b"\xef\xbb\xbf" + PLAN.replace("\n", "\r\n").encode())
    plan.chmod(0o600)
    form = question(plan)
    assert form["text"] == PLAN
    text = PLAN + "# baru\n"
    save(client_of(plan), plan, text)
    assert plan.read_bytes() == b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert plan.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(plan):
    plan.parent.chmod(0o500)
    try:
        found = save(client_of(plan), plan, PLAN + "# baru\n")
    finally:
        plan.parent.chmod(0o700)
    assert "tidak dapat ditulis" in found[-1]["announce"]


def test_a_file_that_is_no_text_is_said_to_be_none(plan):
    (plan.parent / "biner.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError) as refused:
        Folder(plan).open("biner.yaml")
    assert refused.value.code == "page_not_utf8"
