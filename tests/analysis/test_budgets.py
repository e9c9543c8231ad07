"""Budgets side by side: rupiah by hand, the years that nobody listed included."""

from pathlib import Path

import pytest

from kla_sim import language
from kla_sim.analysis.budgets import budget_differences
from kla_sim.engine.plan import compile_plan
from kla_sim.report.budget_words import phrase_budgets
from kla_sim.scenario.budgets import total_of, yearly_amounts
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

CONFORMANCE = sorted((Path(__file__).parents[1] / "data" / "conformance").glob("*.yaml"))


@pytest.fixture
def varied(tmp_path):
    """Return kaltara_2022 and a variant of it with other accounts."""

    def read(accounts):
        path = tmp_path / "variant.yaml"
        path.write_text(
            f"extends: shipped:kaltara_2022\nname: Lain\naccounts: {accounts}\n", encoding="utf-8"
        )
        return load_scenario(shipped_scenario("kaltara_2022")), load_scenario(path)

    return read


def test_years_that_are_not_listed_follow_the_last_one_listed(varied):
    # 60 million in 2022, then 1.6 billion in each of four years
    plain, other = varied('{cities: {jakarta_selatan: {2024: "6,6 miliar"}}}')
    selatan = "accounts.cities.jakarta_selatan"
    assert yearly_amounts(plain)[selatan] == {
        2022: 60_000_000, 2023: 1_600_000_000, 2024: 1_600_000_000,
        2025: 1_600_000_000, 2026: 1_600_000_000,
    }  # fmt: skip
    assert list(yearly_amounts(other)[selatan].values())[2:] == [6_600_000_000] * 3
    assert total_of(yearly_amounts(plain)) == 46_830_000_000


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda path: path.stem)
def test_the_engine_fills_years_in_the_same_way(path):
    scenario = load_scenario(path).model_copy(update={"uncertain": {}, "observed": None})
    in_order = [list(years.values()) for years in yearly_amounts(scenario).values()]
    assert compile_plan(scenario, 1).values[0].appropriation.tolist() == in_order


def test_one_year_of_one_account_raises_the_years_after_it(varied):
    found = budget_differences(*varied('{cities: {jakarta_selatan: {2024: "6,6 miliar"}}}'))
    (account,) = found.accounts
    assert (account.name, [entry.year for entry in account.years]) == (
        "Jakarta Selatan",
        [2024, 2025, 2026],
    )
    assert {(entry.before, entry.after) for entry in account.years} == {
        (1_600_000_000, 6_600_000_000)
    }
    assert (account.before, account.after) == (6_460_000_000, 21_460_000_000)
    assert (found.before, found.after) == (46_830_000_000, 61_830_000_000)
    document = found.document()
    assert document["difference"] == 15_000_000_000
    assert document["accounts"][0]["account"] == "accounts.cities.jakarta_selatan"


WORDS = {
    "en": [
        "Money: B plans Rp 15.0 billion more than A, Rp 61.8 billion instead of Rp 46.8 billion"
        " over all accounts and years.",
        "  Jakarta Selatan: Rp 15.0 billion more in 2024\u20132026, Rp 21.5 billion instead of"
        " Rp 6.5 billion in all.",
    ],
    "id": [
        "Anggaran: B merencanakan Rp 15,0 miliar lebih banyak daripada A, Rp 61,8 miliar dan bukan"
        " Rp 46,8 miliar untuk semua pagu dan tahun.",
        "  Jakarta Selatan: Rp 15,0 miliar lebih banyak pada 2024\u20132026, seluruhnya"
        " Rp 21,5 miliar dan bukan Rp 6,5 miliar.",
    ],
}


@pytest.mark.parametrize("name", language.LANGUAGES)
def test_the_words_name_account_years_and_sums(varied, name):
    found = budget_differences(*varied('{cities: {jakarta_selatan: {2024: "6,6 miliar"}}}'))
    with language.speaking(name):
        assert phrase_budgets(found, "A", "B") == WORDS[name]


def test_money_that_only_moves_is_said_to_move(varied):
    moved = '{province: {2023: 4 miliar, 2025: "6,2 miliar"}}'
    found = budget_differences(*varied(moved))
    assert found.before == found.after == 46_830_000_000
    with language.speaking("en"):
        assert phrase_budgets(found, "A", "B") == [
            "Money: B plans as much as A, Rp 46.8 billion over all accounts and years, but divided"
            " otherwise.",
            "  Province: as much in all, Rp 21.3 billion, but divided otherwise over 2023, 2025.",
        ]


def test_equal_budgets_are_not_spoken_of(varied):
    plain, other = varied("{province: {2023: 4200 juta}}")
    assert phrase_budgets(budget_differences(plain, other), "A", "B") == []


def test_what_only_one_plan_reaches_counts_as_nothing_in_the_other():
    plan = load_scenario(shipped_scenario("kaltara_2022"))
    cities = dict(plan.cities)
    selatan = cities.pop("jakarta_selatan")
    shorter = plan.model_copy(
        update={"cities": cities, "horizon": plan.horizon.replace(year=2025)}
    )  # fmt: skip
    for a, b, sign in ((plan, shorter, -1), (shorter, plan, 1)):
        found = budget_differences(a, b)
        accounts = {account.account: account for account in found.accounts}
        assert len(accounts) == 7  # the province and six cities, each of which loses 2026
        one = accounts["accounts.cities.jakarta_selatan"]
        assert one.name == selatan.name  # whichever plan knows it
        assert {one.before, one.after} == {0, 6_460_000_000}
        last = accounts["accounts.province"].years
        assert [(entry.year, entry.after - entry.before) for entry in last] == [
            (2026, sign * 5_500_000_000)
        ]
        assert accounts["accounts.province"].name == ""


def test_a_city_is_called_as_the_second_plan_calls_it(varied):
    plain, other = varied('{cities: {jakarta_selatan: {2024: "6,6 miliar"}}}')
    renamed = other.cities["jakarta_selatan"].model_copy(update={"name": "Selatan"})
    other = other.model_copy(update={"cities": {**other.cities, "jakarta_selatan": renamed}})
    assert [account.name for account in budget_differences(plain, other).accounts] == ["Selatan"]


def test_the_document_holds_every_amount(varied):
    found = budget_differences(*varied('{cities: {jakarta_selatan: {2026: "2,6 miliar"}}}'))
    assert found.document() == {
        "before": 46_830_000_000,
        "after": 47_830_000_000,
        "difference": 1_000_000_000,
        "accounts": [
            {
                "account": "accounts.cities.jakarta_selatan",
                "name": "Jakarta Selatan",
                "before": 6_460_000_000,
                "after": 7_460_000_000,
                "difference": 1_000_000_000,
                "years": [{"year": 2026, "before": 1_600_000_000, "after": 2_600_000_000}],
            }
        ],
    }
