"""What the simulations of a run say, as tables: odds, regions, money, waiting, staff, scores.

Called by `plan_tables`, which adds what a run rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.summary import Money, Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.language import category, number, text
from kla_sim.report.answer import answer
from kla_sim.report.explain_words import phrase_relief
from kla_sim.report.tables import Column, Row, Table, columns, new_table
from kla_sim.report.words import phrase_cause, zones_ahead
from kla_sim.scenario.model import Scenario

_ = partial(text, "tables")

_POINTS = ("low", "middle", "high")


def result_tables(
    summary: Summary, scenario: Scenario, tried: Sequence[Remedy] = ()
) -> list[Table]:
    """Return all tables of the results.

    Parameters
    ----------
    tried : what was relieved, one thing at a time, where somebody has tried it.
    """
    sentences: list[Row] = [(line,) for line in answer(summary, scenario)]
    return [
        new_table("answer", columns("text", "sentence"), sentences),
        _headline(summary),
        _regions(summary, scenario),
        *([_remedies(tried, scenario)] if tried else []),
        _odds(summary),
        _categories(summary),
        _money(summary),
        _waiting(summary, scenario),
        _posts(summary, scenario),
        _scores(summary),
        _attainment(summary),
    ]


def _headline(summary: Summary) -> Table:
    worlds, without = summary.worlds, summary.without_kaltara
    estimates = {
        "all_cities": summary.all_cities,
        "without_kaltara": without.all_cities,
        "added": without.difference,
        "on_claimed_scores": summary.on_claimed_scores,
        "at_once_ever": summary.all_cities_at_once_ever,
    }
    rows: list[Row] = [
        (name, _(f"odds_{name}"), *_ends(estimate)) for name, estimate in estimates.items()
    ]
    if worlds.p10 is not None:
        rows.append(("worlds", _("odds_worlds"), worlds.p50, worlds.p10, worlds.p90))
    heads = [
        *columns("key", "measure"),
        *columns("text", "measure_name"),
        *columns("share", "value", "low", "high"),
    ]
    return new_table("headline", heads, rows, _("note_headline", n=number(summary.n)))


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _regions(summary: Summary, scenario: Scenario) -> Table:
    rows: list[Row] = [
        (
            city,
            name,
            *_ends(summary.cities[place]),
            float(summary.launches[place].sum()),
            zones_ahead(city, scenario),
            float(summary.wait_days[1 + place].sum()),
            float(summary.means["dormant_days"][place]),
        )
        for place, (city, name) in enumerate(_names(summary))
    ]
    heads = [
        *_city_columns(),
        *columns("share", "odds", "low", "high"),
        *columns("number", "launched"),
        *columns("whole", "planned"),
        *columns("number", "waiting", "dormant"),
    ]
    return new_table("regions", heads, rows, _("note_means", n=number(summary.n)))


def _names(summary: Summary) -> list[tuple[str, str]]:
    """Return the key and the name of each region."""
    return list(zip(summary.labels.cities, summary.labels.city_names, strict=True))


def _city_columns() -> list[Column]:
    return [*columns("key", "city"), *columns("text", "city_name")]


def _odds(summary: Summary) -> Table:
    """Return the odds on each day on which they may change, and on the day before."""
    curve, rows = summary.curve, list[Row]()
    for day, what in sorted(_days_told(summary).items()):
        place = int(np.searchsorted(curve.days, day, side="right")) - 1
        date = summary.labels.start + dt.timedelta(days=day)
        odds = [float(curve.joint[place]), *map(float, curve.cities[place])]
        rows.append((date, _(f"day_{what}"), *odds))
    heads = [
        *columns("date", "date"),
        *columns("text", "what"),
        Column("all_cities", _("all_cities"), "share"),
        *(Column(city, name, "share") for city, name in _names(summary)),
    ]
    return new_table("odds", heads, rows, _("note_odds"))


def _days_told(summary: Summary) -> dict[int, str]:
    """Return the days of the curve, those before a change, the deadline and the horizon."""
    days = {0: "start"}
    for award in map(int, summary.curve.days[1:]):
        days.setdefault(award - 1, "before")
        days[award] = "award"
    for day, what in ((summary.deadline_day, "deadline"), (summary.horizon_day, "horizon")):
        if days.get(day) in (None, "before"):
            days[day] = what
    return days


def _categories(summary: Summary) -> Table:
    rows: list[Row] = [
        (cycle, city, name, *map(float, summary.category_shares[place, turn]))
        for turn, cycle in enumerate(summary.labels.cycles)
        for place, (city, name) in enumerate(_names(summary))
    ]
    heads = [
        *columns("year", "cycle"),
        *_city_columns(),
        *(Column(key, category(key), "share") for key in (*CATEGORIES, "no_award")),
    ]
    return new_table("categories", heads, rows, _("note_categories", n=number(summary.n)))


def _money(summary: Summary) -> Table:
    """Return the books of every account and year, those of all accounts together first."""
    labels, money = summary.labels, summary.money._asdict()
    names = ["province", *labels.cities], [_("province"), *labels.city_names]
    rows = _books(
        "all",
        _("all_accounts"),
        labels.years,
        {key: part.sum(axis=0) for key, part in money.items()},
    )
    for place, (account, name) in enumerate(zip(*names, strict=True)):
        own = {key: amounts[place] for key, amounts in money.items()}
        rows += _books(account, name, labels.years, own)
    heads = [
        *columns("key", "account"),
        *columns("text", "account_name"),
        *columns("year", "year"),
        *columns("rupiah", *Money._fields),
        *columns("share", "absorbed"),
    ]
    return new_table("money", heads, rows, _("note_means", n=number(summary.n)))


def _books(
    account: str, name: str, years: Sequence[int], amounts: Mapping[str, FloatArray]
) -> list[Row]:
    """Return an account's books, a row a year, and what of the appropriation was spent."""
    rows: list[Row] = []
    for turn, year in enumerate(years):
        books = {key: float(amounts[key][turn]) for key in Money._fields}
        appropriated = books["appropriated"]
        absorbed = books["spent"] / appropriated if appropriated > 0 else None
        rows.append((account, name, year, *books.values(), absorbed))
    return rows


def _waiting(summary: Summary, scenario: Scenario) -> Table:
    places = [("province", _("province")), *_names(summary)]
    rows: list[Row] = [
        (key, name, *map(float, days), float(days.sum()))
        for (key, name), days in zip(places, summary.wait_days, strict=True)
    ]
    causes = [
        Column(cause, phrase_cause(cause, scenario), "number") for cause in summary.labels.causes
    ]
    heads = [*_city_columns(), *causes, *columns("number", "total")]
    return new_table("waiting", heads, rows, _("note_waiting", n=number(summary.n)))


def _posts(summary: Summary, scenario: Scenario) -> Table:
    names, rows = dict(_names(summary)), list[Row]()
    for turn, pool in enumerate(summary.labels.pools):
        place, _slash, resource = pool.rpartition("/")
        busy, filled, vacant = (
            float(summary.means[name][turn]) for name in ("busy_days", "filled_days", "vacant_days")
        )
        all_days = filled + vacant
        rows.append(
            (
                pool,
                scenario.resources[resource].name or resource,
                names.get(place, _("province")),
                *(busy, filled, vacant),
                busy / filled if filled > 0 else None,
                vacant / all_days if all_days > 0 else None,
            )
        )
    heads = [
        *columns("key", "pool"),
        *columns("text", "resource_name", "place_name"),
        *columns("number", "busy", "filled", "vacant"),
        *columns("share", "busy_share", "vacant_share"),
    ]
    return new_table("posts", heads, rows, _("note_means", n=number(summary.n)))


def _scores(summary: Summary) -> Table:
    scores = np.concatenate([summary.claimed, summary.verified], axis=2)
    rows: list[Row] = [
        (cycle, city, name, *map(float, scores[place, turn]))
        for turn, cycle in enumerate(summary.labels.cycles)
        for place, (city, name) in enumerate(_names(summary))
    ]
    points = [f"{score}_{end}" for score in ("claimed", "verified") for end in _POINTS]
    heads = [*columns("year", "cycle"), *_city_columns(), *columns("number", *points)]
    return new_table("scores", heads, rows, _("note_scores"))


def _attainment(summary: Summary) -> Table:
    heads = [*columns("date", "date"), *columns("share", "mean", "p10", "p90")]
    return new_table("attainment", heads, summary.attainment, _("note_attainment"))


def _remedies(tried: Sequence[Remedy], scenario: Scenario) -> Table:
    rows: list[Row] = [
        (
            f"{one.kind} {one.subject}".strip(),
            phrase_relief(one, scenario),
            one.odds,
            *_ends(one.difference),
            one.rescued,
            one.harmed,
            *_ends(one.expected_cities),
            one.price or None,
            one.price_of_a_point,
        )
        for one in tried
    ]
    heads = [
        *columns("key", "relief"),
        *columns("text", "relief_name"),
        *columns("share", "odds", "gain", "gain_low", "gain_high"),
        *columns("whole", "rescued", "harmed"),
        *columns("fine", "regions", "regions_low", "regions_high"),
        *columns("rupiah", "price", "price_of_a_point"),
    ]
    n_futures = number(tried[0].n_failed + tried[0].n_met)
    return new_table("remedies", heads, rows, _("note_remedies", n=n_futures))
