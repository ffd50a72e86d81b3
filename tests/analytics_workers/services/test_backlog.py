from zoneinfo import ZoneInfo

import pytest

from analytics_workers.services.backlog.compute import measure
from tests.support.facts import make_facts, moment

NOW = moment("2026-03-15T12:00:00.250000")


def measured(*tickets, days=3, zone="UTC", as_of=NOW):
    return measure(make_facts(*tickets), {"days": days}, as_of=as_of, time_zone=ZoneInfo(zone))


def ticket(opened: str, activated: str = "", closed: str = "") -> tuple:
    status = "closed" if closed else "active" if activated else "open"
    later = [moment(text) if text else None for text in (closed, activated)]
    return ("it", status, moment(opened), *later)


def test_backlog_derives_each_day_from_the_timestamps():
    table = measured(
        ticket("2026-03-01T08:00"),
        ticket("2026-03-13T08:00", "2026-03-14T08:00", "2026-03-15T08:00"),
        ticket("2026-03-14T08:00", "2026-03-14T08:00"),
    )
    assert table.rows == [
        ["2026-03-13", 2, 0, 2, True],
        ["2026-03-14", 1, 2, 3, True],
        ["2026-03-15", 1, 1, 2, False],
    ]
    assert table.headline.value == 2
    assert table.notes[0] == "As many as at the end of 2026-03-13."


@pytest.mark.parametrize(
    ("zone", "midnight"), [("UTC", "2026-03-14T00:00"), ("Asia/Kolkata", "2026-03-13T18:30")]
)
def test_backlog_days_follow_the_zone_to_the_microsecond(zone, midnight):
    just_before = moment(midnight).replace(microsecond=0).isoformat()[:19]
    before = measured(ticket("2026-03-01", midnight), zone=zone)
    assert [row[1:3] for row in before.rows] == [[1, 0], [0, 1], [0, 1]]
    assert measured(ticket(just_before), zone=zone).rows[0][3] == 0


def test_backlog_of_today_includes_the_snapshot_time():
    now = "2026-03-15T12:00:00.250000"
    assert measured(ticket(now)).rows[-1][1] == 1
    assert measured(ticket(now, now, now)).rows[-1][3] == 0


@pytest.mark.parametrize(
    ("as_of", "opened", "counts"),
    [
        ("2026-03-30T12:00", "2026-03-29T21:59:59.999999", [0, 1, 1]),
        ("2026-03-30T12:00", "2026-03-29T22:00", [0, 0, 1]),
        ("2025-10-26T12:00", "2025-10-26T22:59:59.999999", [0, 0, 0]),
        ("2025-10-27T12:00", "2025-10-26T22:59:59.999999", [0, 1, 1]),
        ("2025-10-27T12:00", "2025-10-26T23:00", [0, 0, 1]),
    ],
)
def test_backlog_handles_days_of_23_and_25_hours(as_of, opened, counts):
    table = measured(ticket(opened), zone="Europe/Berlin", as_of=moment(as_of))
    assert [row[3] for row in table.rows] == counts


def test_backlog_has_no_row_for_a_skipped_calendar_day():
    table = measured(ticket("2011-12-01"), days=4, zone="Pacific/Apia", as_of=moment("2012-01-01T00:00"))
    assert [row[0] for row in table.rows] == ["2011-12-29", "2011-12-31", "2012-01-01"]


def test_backlog_without_tickets_is_zeros_with_an_explanation():
    table = measured()
    assert [row[1:4] for row in table.rows] == [[0, 0, 0]] * 3
    assert table.empty_message.startswith("No tickets")
