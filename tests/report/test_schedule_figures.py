"""What the schedules show, as data: days, shares and findings worked by hand; limits; odd names."""

import math

import pytest
from small_schedules import CITY, ZONE, makers_of, scenario, small

from kla_sim import language
from kla_sim.report.drawing import to_csv

END = 730.0


@pytest.fixture(autouse=True)
def _in_english():
    language.use("en")


def rows_of(name):
    return small()[name]().rows


def test_every_plan_has_a_schedule_of_zones_regions_and_work_and_the_fans():
    assert list(small()) == [
        "gantt", "gantt-kota", "gantt-work-site", "gantt-work-service", "gantt-work-launch",
        "staff-use", "cash-use", "trace-3", "trace-3-kota",
    ]  # fmt: skip


def test_a_zone_has_its_work_from_median_to_median_and_its_share_of_launches():
    first, second, third = rows_of("gantt")
    assert [tuple(piece) for piece in first.pieces] == [
        ("building", 0, 150, False), ("joining", 150, 160, False),
    ]  # fmt: skip
    assert [one.p50 for one in second.milestones] == [365, 515, 525]
    assert (first.group, first.label, first.share) == ("Kota", "Zone 1", 1.0)
    assert (third.pieces, third.share) == ((), 0.0)
    assert [one.p10 for one in third.milestones] == [math.inf] * 3


def test_the_title_says_how_many_zones_are_launched_and_which_most_rarely():
    figure = small()["gantt"]()
    assert figure.title == (
        "In half of the futures or more, 2 of 3 zones are launched by the end of the plan; "
        "most rarely Kota, Zone 3 (<46 %)"
    )
    language.use("id")
    assert small()["gantt"]().title == (
        "Dalam separuh simulasi atau lebih, 2 dari 3 kawasan diluncurkan sampai akhir masa rencana"
        "; paling jarang Kota, Kawasan 3 (<46 %)"
    )


def test_readers_who_do_not_see_it_are_told_the_finding_and_the_rows():
    figure = small()["gantt"]()
    assert figure.alt.startswith(figure.title)
    assert "Kota, Zone 3: <46 %" in figure.alt


def test_the_days_of_evidence_and_awards_are_vertical_lines():
    lines = small()["gantt"]().lines
    assert [(line.look, line.day) for line in lines] == [
        ("evidence", 165.0), ("evidence", 531.0), ("award", 203.0), ("award", 569.0),
    ]  # fmt: skip


def test_the_schedule_as_a_table():
    language.use("id")
    assert to_csv(small()["gantt"]()).decode() == (
        "row,milestone,p10,p50,p90,share\n"
        "kota/zone-1,begun,2023-01-01,2023-01-01,2023-01-01,1.0\n"
        "kota/zone-1,open,2023-05-31,2023-05-31,2023-05-31,1.0\n"
        "kota/zone-1,launched,2023-06-10,2023-06-10,2023-06-10,1.0\n"
        "kota/zone-2,begun,2024-01-01,2024-01-01,2024-01-01,1.0\n"
        "kota/zone-2,open,2024-05-30,2024-05-30,2024-05-30,1.0\n"
        "kota/zone-2,launched,2024-06-09,2024-06-09,2024-06-09,1.0\n"
        "kota/zone-3,begun,,,,0.0\n"
        "kota/zone-3,open,,,,0.0\n"
        "kota/zone-3,launched,,,,0.0\n"
    )


def test_work_of_one_kind_stands_with_its_window():
    figure = small()["gantt-work-site"]()
    assert figure.title == (
        "Lokasi: done in 2 of 3 zones in half of the futures or more"
    )  # fmt: skip
    # 1 January to 30 June: 181 days of 2023, 182 of the leap year 2024
    assert [tuple(band) for band in figure.bands] == [(0.0, 181.0), (365.0, 547.0)]
    assert figure.band_label == "Window: work may start"
    assert [tuple(row.pieces[0]) for row in figure.rows[:2]] == [
        ("work", 0, 100, False), ("work", 365, 465, False),
    ]  # fmt: skip
    assert small()["gantt-work-launch"]().bands == ()


def test_the_lanes_of_a_region_hold_each_zone_and_the_mean_share():
    figure = small()["gantt-kota"]()
    assert [(row.group, row.label) for row in figure.rows[:3]] == [
        ("Lokasi", "Zone 1"), ("Lokasi", "Zone 2"), ("Lokasi", "Zone 3"),
    ]  # fmt: skip
    assert [row.share_label for row in figure.rows[:3]] == ["", "67 %", ""]
    assert figure.rows[1].share == pytest.approx(2 / 3)
    assert "zones 1, 2, 3, … from top to bottom" in figure.footer


def test_what_half_of_the_simulations_do_not_reach_goes_on_past_the_end():
    slow = {**ZONE, "service": {**ZONE["service"], "duration": 800}}
    figure = makers_of(scenario(zone=slow))["gantt"]()
    (piece,) = figure.rows[0].pieces
    assert tuple(piece) == ("building", 0.0, END, True)
    assert [look.key for look in figure.signs] == ["beyond"]


def test_staff_and_cash_say_who_is_at_the_limit_most():
    staff, cash = small()["staff-use"](), small()["cash-use"]()
    # the crew is at work on 200 of 731 days; the region's money is waited for on days 100-365 by
    # zone 2, and by zone 3 from day 465 to the closing of its window on day 547
    assert staff.title == (
        "Staff most often used up: Kota, Regu; on 27 % of the days in all futures no post is free"
    )
    assert [fan.key for fan in staff.fans] == ["kota/crew"]
    assert [fan.key for fan in cash.fans] == ["province", "kota"]
    assert staff.fans[0].at_limit.sum() == pytest.approx(3 + 10 / 30 + 3 + 9 / 30)
    assert staff.fans[0].at_limit_label == "worst Jan 2023: >54 %"
    assert cash.title == (  # 81 + 82 days of 731
        "Money most often short: Kota; on 22 % of the days in all futures ready work waits for it"
    )
    table = to_csv(staff).decode().splitlines()
    assert table[0] == "of,month,least,p10,p50,p90,most,limit,share_at_limit"
    assert table[1] == "kota/crew,2023-01,1.0,1.0,1.0,1.0,1.0,1.0,1.0"
    assert len(table) == 1 + 24


def test_a_timeline_shows_work_waits_by_cause_launches_awards_and_cash():
    figure = small()["trace-3"]()
    first, second, third, awards = figure.rows
    assert [tuple(piece)[:3] for piece in first.pieces] == [("at_work", 0, 160)]
    assert [tuple(sign) for sign in first.signs] == [("launch", 160.0, "")]
    assert [tuple(piece)[:3] for piece in second.pieces] == [
        ("wait:crew", 0, 100), ("wait:account:city", 100, 181), ("wait:window", 181, 365),
        ("at_work", 365, 525),
    ]  # fmt: skip
    assert awards.label == "Award"
    assert [(sign.day, sign.label) for sign in awards.signs] == [(203.0, "madya"), (569.0, "madya")]
    assert [panel.key for panel in figure.cash] == ["province", "kota"]
    assert figure.cash[1].balance.tolist()[0] == 1000.0
    assert third.share_label == ""
    # both zones that wait do so from July to New Year, and the third again from July 2024
    assert figure.title == (
        "Simulasi nomor 3: 2 of 3 zones are launched; chief cause of waiting: outside the time "
        "window (552 activity-days)"
    )


def test_the_timeline_as_a_table_has_pieces_signs_and_money():
    table = to_csv(small()["trace-3"]()).decode().splitlines()
    assert table[0] == "row,what,from,until,total_rupiah,balance_rupiah"
    assert table[1] == "kota/zone-1,at_work,2023-01-01,2023-06-10,,"
    assert "kota/zone-1,launch,2023-06-10,,," in table
    assert "kota,spent,2023-01-01,,1000.0,1000.0" in table
    assert "kota,lapsed,2024-01-01,,700.0,700.0" in table


def test_a_plan_without_zones_shows_the_work_of_province_and_regions():
    plan = scenario(
        {"kota": {**CITY, "zones": {"existing": 0, "planned": 0}}},
        work={"province": {"rule": {"duration": 30}}, "city": {"force": {"duration": 20}}},
    )
    makers = makers_of(plan)
    assert list(makers) == ["gantt", "gantt-kota", "cash-use", "trace-3", "trace-3-kota"]
    figure = makers["gantt"]()
    assert figure.title == "This plan builds no new zones"
    assert [(row.group, row.label, row.pieces[0].last) for row in figure.rows] == [
        ("Province", "rule", 30.0), ("Kota", "force", 20.0),
    ]  # fmt: skip


def test_a_plan_without_work_has_no_schedule():
    plan = scenario({"kota": {**CITY, "zones": {"existing": 0, "planned": 0}}}, work={})
    assert list(makers_of(plan)) == ["cash-use", "trace-3"]


def test_of_many_regions_those_that_lag_most_are_drawn_and_the_table_holds_all():
    cities = {f"kota_{place}": {**CITY, "name": f"Kota {place}"} for place in range(40)}
    makers = makers_of(scenario(cities), n=2)
    figure = makers["gantt"]()
    assert len(figure.rows) == 120
    assert len(figure.drawn_rows) == 78  # 26 regions of three zones each
    assert figure.footer.startswith("Drawn: 78 of 120 rows, the regions that lag most")
    assert len(figure.table().rows) == 3 * 120
    assert sum(name.startswith("gantt-kota") for name in makers) == 12
    assert sum(name.startswith("trace-3-") for name in makers) == 12
    region = next(name for name in makers if name.startswith("gantt-kota"))
    assert "Only the 12 regions that lag most" in makers[region]().footer
    cash = makers["cash-use"]()
    assert (len(cash.fans), len(cash.drawn_fans)) == (41, 12)


def test_a_cause_looks_the_same_in_every_future():
    few = {look.key: look.place for look in small()["trace-3"]().looks}
    more = makers_of(scenario(accounts={
        "province": {2023: 0, 2024: 0}, "cities": {"kota": {2023: 2000, 2024: 2000}},
        "release": {"1 Januari": "100%"}, "lapse": "100%"}))  # fmt: skip
    others = {look.key: look.place for look in more["trace-3"]().looks}
    assert set(few) != set(others)
    assert all(few[key] == others[key] for key in set(few) & set(others))
