from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from matplotlib.figure import Figure

from analytics_workers.services.rush_hours.compute import chart, measure
from tests.support.facts import make_facts, moment

NOW = moment("2026-03-31T12:00:00")


def measured(*opened, params=None, zone="Europe/Berlin"):
    tickets = [("it", "open", moment(at)) for at in opened]
    return measure(make_facts(*tickets), params or {}, as_of=NOW, time_zone=ZoneInfo(zone))


def busy(table) -> list[list]:
    return [row for row in table.rows if row[2]]


def test_rush_hours_have_every_hour_of_the_week_from_monday():
    table = measured("2026-03-02T08:30")
    assert len(table.rows) == 168
    assert [row[:2] for row in table.rows[:2]] == [["Monday", "00:00"], ["Monday", "01:00"]]
    assert table.rows[-1] == ["Sunday", "23:00", 0]
    assert busy(table) == [["Monday", "09:00", 1]]


@pytest.mark.parametrize(
    ("zone", "edge", "before", "at"),
    [
        ("Europe/Berlin", "2026-03-01T23:00:00", ["Sunday", "23:00"], ["Monday", "00:00"]),
        ("Asia/Kolkata", "2026-03-01T18:30:00", ["Sunday", "23:00"], ["Monday", "00:00"]),
        ("Europe/Berlin", "2026-03-29T01:00:00", ["Sunday", "01:00"], ["Sunday", "03:00"]),
    ],
)
def test_rush_hours_follow_the_zone_to_the_microsecond(zone, edge, before, at):
    last = (moment(edge) - timedelta(microseconds=1)).isoformat().removesuffix("+00:00")
    assert busy(measured(edge, last, zone=zone)) in ([[*before, 1], [*at, 1]], [[*at, 1], [*before, 1]])


def test_rush_hours_count_a_repeated_hour_in_full():
    assert busy(measured("2025-10-26T00:30", "2025-10-26T01:30")) == [["Sunday", "02:00", 2]]


def test_rush_hours_cover_the_requested_months_and_no_future_ones():
    opened = ["2026-01-31T22:59:59", "2026-01-31T23:00", "2026-03-31T21:59", "2026-03-31T22:00"]
    assert measured(*opened, params={"months": 2}).headline.value == 2
    assert measured(*opened).headline.value == 3


def test_rush_hours_note_the_busiest_hour_and_ties():
    assert measured("2026-03-02T08:30").notes == ["Busiest hour: Monday 09:00 to 10:00 (1 ticket)."]
    assert measured("2026-03-02T08:30", "2026-03-03T08:30").notes == [
        "Busiest hour: Monday 09:00 to 10:00 (1 ticket), tied with 1 other."
    ]


def test_rush_hours_without_tickets_are_zeros_with_an_explanation():
    for table in (measured(), measured("2026-04-10T12:00"), measured(params={"months": 3})):
        assert len(table.rows) == 168
        assert (busy(table), table.headline.value) == ([], 0)
        assert table.empty_message.startswith("No tickets")


def test_chart_of_rush_hours_stays_readable_with_one_extreme_hour():
    usual = [f"2026-03-0{day} 09:00" for day in (2, 3, 4) for _ in range(10 * day)]
    filed_at_once = ["2026-03-05 14:00"] * 900
    axes = Figure().subplots()
    chart(measured(*usual, *filed_at_once), axes)
    assert axes.collections[0].get_clim() == (0, 40)
    assert "900" in [text.get_text() for text in axes.texts]
    few = ["2026-03-02 09:00"] + ["2026-03-03 09:00"] * 2 + ["2026-03-05 14:00"] * 12
    chart(measured(*few), axes := Figure().subplots())
    assert axes.collections[0].get_clim() == (0, 12)
