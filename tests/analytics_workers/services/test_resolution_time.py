import statistics
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics_workers.measuring.monthly import join_spans
from analytics_workers.services.resolution_time.compute import measure
from tests.support.facts import make_facts, moment

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
]
NOW = moment("2026-03-15T12:00:00.250000")


def measured(tickets, params=None, *, zone="Europe/Berlin", as_of=NOW):
    return measure(make_facts(*tickets), params or {}, as_of=as_of, time_zone=ZoneInfo(zone))


def closed(opened: str, hours: float) -> tuple:
    return ("it", "closed", moment(opened), moment(opened) + timedelta(hours=hours))


def test_resolution_time_has_one_row_per_month_including_empty_months():
    table = measured([closed("2025-12-10", 10), closed("2025-12-11", 20), closed("2026-02-01", 5)])
    assert table.rows == [
        ["2025-12", 2, 2, 15.0, 15.0, 19.0, True, None],
        ["2026-01", 0, 0, None, None, None, True, None],
        ["2026-02", 1, 1, 5.0, 5.0, 5.0, True, None],
        ["2026-03", 0, 0, None, None, None, False, None],
    ]
    assert table.headline.value == 35 / 3
    assert table.headline.unit == "hours"


def test_unresolved_tickets_count_as_opened_only():
    table = measured(
        [
            closed("2026-01-10", 10),
            ("it", "open", moment("2026-01-11")),
            ("it", "active", moment("2026-01-12")),
        ]
    )
    assert table.rows[0] == ["2026-01", 1, 3, 10.0, 10.0, 10.0, False, None]
    assert table.notes == ["Incomplete (times will still increase): 2026-01, 2026-03."]


def test_incomplete_month_has_a_median_that_includes_unresolved_tickets():
    waiting = [("it", "open", moment("2026-02-10"))] * 2
    table = measured([closed("2026-02-10", 10), closed("2026-02-11", 30), *waiting], {"months": 2})
    assert [row[4] for row in table.rows] == [20.0, None]
    assert [row[7] for row in table.rows] == [30.0, None]


def test_median_estimate_is_missing_while_most_tickets_are_unresolved():
    waiting = [("it", "open", moment("2026-02-10"))] * 3
    table = measured([closed("2026-02-10", 10), closed("2026-02-11", 30), *waiting], {"months": 2})
    assert table.rows[0][7] is None


def test_resolution_time_of_an_instantly_closed_ticket_is_zero():
    assert measured([closed("2026-03-01T12:00", 0)]).rows == [["2026-03", 1, 1, 0.0, 0.0, 0.0, False, 0.0]]


def test_resolution_time_is_not_rounded():
    table = measured(
        [("it", "closed", moment("2026-03-01"), moment("2026-03-01") + timedelta(microseconds=1))]
    )
    assert table.rows[0][3] == 1 / 3_600_000_000


def test_resolution_time_mean_is_exact_where_floats_would_drift():
    times = [timedelta(days=3649, microseconds=1)] * 30_001 + [timedelta(0)]
    opened = moment("2016-02-01")
    table = measured(
        [("it", "closed", opened, opened + time) for time in times], {"from": "2016-02", "until": "2016-02"}
    )
    total = Fraction(sum(time // timedelta(microseconds=1) for time in times))
    assert table.rows[0][3] == float(total / (len(times) * 3_600_000_000))


@pytest.mark.parametrize(
    ("zone", "edge"),
    [
        ("UTC", "2026-03-01T00:00:00"),
        ("Europe/Berlin", "2026-02-28T23:00:00"),
        ("America/New_York", "2026-03-01T05:00:00"),
        ("Asia/Kathmandu", "2026-02-28T18:15:00"),
        ("Pacific/Kiritimati", "2026-02-28T10:00:00"),
    ],
)
def test_resolution_time_months_follow_the_zone_to_the_microsecond(zone, edge):
    before = moment(edge) - timedelta(microseconds=1)
    table = measured([("it", "open", before), ("it", "open", moment(edge))], zone=zone)
    assert [row[:3] for row in table.rows] == [["2026-02", 0, 1], ["2026-03", 0, 1]]


def test_resolution_time_ignores_clock_changes():
    spring = closed("2025-03-30T00:30", 1)
    autumn = closed("2025-10-26T00:30", 1)
    table = measured([spring, autumn], {"from": "2025-03", "until": "2025-10"})
    assert (table.rows[0][3], table.rows[-1][3]) == (1.0, 1.0)


def test_resolution_time_counts_the_leap_day():
    table = measured(
        [closed("2024-02-29T22:59:59.999999", 24), closed("2024-02-29T23:00", 24)], {"until": "2024-03"}
    )
    assert [row[:4] for row in table.rows] == [["2024-02", 1, 1, 24.0], ["2024-03", 1, 1, 24.0]]


@pytest.mark.parametrize(
    ("params", "first", "last"),
    [
        ({}, "2025-11", "2026-03"),
        ({"from": "2026-01"}, "2026-01", "2026-03"),
        ({"until": "2025-12"}, "2025-11", "2025-12"),
        ({"from": "2025-01", "until": "2026-06"}, "2025-01", "2026-03"),
        ({"until": "2099-12"}, "2025-11", "2026-03"),
        ({"until": "9999-12"}, "2025-11", "2026-03"),
        ({"months": 1}, "2026-03", "2026-03"),
        ({"months": 12}, "2025-04", "2026-03"),
    ],
)
def test_resolution_time_shows_the_requested_months(params, first, last):
    table = measured([closed("2025-11-10", 10), closed("2026-01-10", 20)], params)
    assert (table.rows[0][0], table.rows[-1][0]) == (first, last)


def test_resolution_time_headline_covers_only_the_range():
    table = measured([closed("2025-11-10", 10), closed("2026-01-10", 20)], {"from": "2026-01"})
    assert table.headline.value == 20
    assert table.headline.label.endswith("over 1 closed ticket")


@pytest.mark.parametrize(
    ("tickets", "params", "rows"),
    [
        ([], {}, 0),
        ([], {"months": 3}, 3),
        ([closed("2026-01-10", 1)], {"until": "2025-01"}, 0),
        ([closed("2026-01-10", 1)], {"from": "2027-01"}, 0),
        ([closed("2026-01-10", 1)], {"from": "2026-04", "until": "2026-05"}, 0),
        ([("it", "open", moment("2026-03-10"))], {}, 1),
    ],
)
def test_resolution_time_without_times_explains_the_empty_table(tickets, params, rows):
    table = measured(tickets, params)
    assert len(table.rows) == rows
    assert table.headline is None
    assert table.empty_message.startswith("No tickets")


@pytest.mark.parametrize(
    ("params", "says_so"),
    [
        ({}, False),
        ({"from": "2026-03", "until": "2026-03"}, False),
        ({"until": "2026-04"}, True),
        ({"from": "2026-03", "until": "2027-03"}, True),
        ({"from": "2026-04"}, True),
        ({"from": "2027-01", "until": "2027-02"}, True),
    ],
)
def test_resolution_time_leaves_out_future_months_with_a_note(params, says_so):
    notes = measured([closed("2026-02-10", 10)], params).notes
    assert ("Months after 2026-03 are in the future and left out." in notes) == says_so


@pytest.mark.parametrize(("zone", "last"), [("Pacific/Kiritimati", "2026-04"), ("UTC", "2026-03")])
def test_current_month_is_that_of_the_zone(zone, last):
    table = measured(
        [closed("2026-01-10", 1)], {"until": "2099-12"}, zone=zone, as_of=moment("2026-03-31T20:00")
    )
    assert table.rows[-1][0] == last


def test_resolution_time_notes_what_a_long_history_leaves_out():
    table = measured([closed("2001-01-10", 1), closed("2026-01-10", 1)])
    assert len(table.rows) == 130
    assert table.notes[-1].startswith("1 ticket is left out: it was opened before 2015-06.")


def test_note_joins_adjacent_incomplete_months():
    assert (
        join_spans([24300, 24301, 24302, 24304, 24311, 24312])
        == "2025-01 to 2025-03, 2025-05, 2025-12 to 2026-01"
    )


MOMENTS = st.datetimes(
    min_value=datetime(2017, 1, 1), max_value=datetime(2026, 3, 14), timezones=st.just(UTC)
)
AGES = st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


def percentile(times: list[Fraction], share: Fraction) -> Fraction:
    """Linear interpolation between the two nearest values, independently written."""
    times, place = sorted(times), share * (len(times) - 1)
    below = times[int(place)]
    above = times[min(int(place) + 1, len(times) - 1)]
    return below + (above - below) * (place - int(place))


@settings(max_examples=60)
@given(st.lists(st.tuples(MOMENTS, AGES), max_size=25), st.sampled_from(ZONES))
@example(
    [(datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC), timedelta(microseconds=1))], "Pacific/Chatham"
)
def test_resolution_time_equals_a_plain_count(tickets, zone):
    table = measured(
        [("it", "open", at) if age is None else ("it", "closed", at, at + age) for at, age in tickets],
        zone=zone,
    )
    opened, times = {}, {}
    for at, age in tickets:
        month = at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        opened[month] = opened.get(month, 0) + 1
        if age is not None:
            times.setdefault(month, []).append(Fraction(age // timedelta(microseconds=1), 3_600_000_000))
    assert {row[0]: row[2] for row in table.rows if row[2]} == opened
    assert {row[0]: row[1] for row in table.rows if row[1]} == {
        month: len(many) for month, many in times.items()
    }
    for month, _, count, mean, median, p90, is_finished, _ in table.rows:
        many = times.get(month, [])
        assert mean == (float(sum(many) / len(many)) if many else None)
        if many:
            assert median == pytest.approx(float(statistics.median(many)), rel=1e-12, abs=1e-12)
            assert p90 == pytest.approx(float(percentile(many, Fraction(9, 10))), rel=1e-12, abs=1e-12)
        is_over = month < NOW.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        assert is_finished == (is_over and count == len(many))
    months = [row[0] for row in table.rows]
    assert months == sorted(set(months))
    if months:
        assert months[0] == min(opened)
