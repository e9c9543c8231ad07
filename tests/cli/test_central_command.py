"""`run --central` as its users meet it: one schedule in words and as JSON, and what it refuses."""

import json

import pytest
from test_commands import kla_sim


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ("id", ("18 dari 34 kawasan berdiri sampai 15 Juni 2026", "belum: Jakarta Selatan (Nindya)",
                "Jakarta Utara, kawasan 4 (tahap mulai 1 Januari 2024): berdiri 14 Oktober 2026")),
        ("en", ("18 of 34 zones stand by 15 June 2026", "not there: Jakarta Selatan (nindya)",
                "Jakarta Utara, zone 4 (stage from 1 January 2024): stands on 14 October 2026")),
    ],
)  # fmt: skip
def test_the_schedule_says_what_fits_and_what_is_late(tmp_path, spoken, said):
    done = kla_sim("run", "--central", "--no-plots", cwd=tmp_path, language=spoken)
    assert done.returncode == 0, done.stderr
    assert [sentence for sentence in said if sentence not in done.stdout] == []
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_document(tmp_path):
    done = kla_sim("run", "--central", "-n", 1, "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert document["central"] is True
    assert document["cities"]["jakarta_utara"]["zones"] == {
        "planned": 6, "in_time": 3, "late": 1, "never": 2,
    }  # fmt: skip
    late = [zone for zone in document["late"] if zone["city"] == "jakarta_utara"]
    assert [zone["launch_day"] is None for zone in late] == [False, True, True]


def test_what_speaks_of_many_futures_is_refused(tmp_path):
    words = ("-n", 50, "--precision", "0.01", "--keep", "activities", "--label", "x")
    done = kla_sim("run", "--central", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Leave out -n, --precision, --keep, --label, or run without --central." in done.stderr


def test_the_trace_of_the_schedule_says_so(tmp_path):
    done = kla_sim("trace", "--central", "--no-plots", cwd=tmp_path)
    assert done.stdout.startswith("The schedule without chance of Kaltara 2022-2026")
