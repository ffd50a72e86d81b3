from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics_workers.services.first_answer.compute import measure
from tests.support.facts import make_facts, moment

NOW = moment("2026-03-15T12:00:00.250000")


def measured(*tickets, params=None, zone="Europe/Berlin"):
    return measure(make_facts(*tickets), params or {}, as_of=NOW, time_zone=ZoneInfo(zone))


def ticket(status: str, opened: str, hours: float | None) -> tuple:
    """A ticket answered after that many hours, closed after 500."""
    at = moment(opened)
    closed = at + timedelta(hours=500) if status == "closed" else None
    answered = None if hours is None else at + timedelta(hours=hours)
    return ("it", status, at, closed, None if status == "open" else at, answered)


def test_first_answer_has_one_row_per_month_including_empty_months():
    table = measured(
        ticket("closed", "2025-12-10", 10), ticket("open", "2025-12-11", 20), ticket("open", "2026-02-01", 5)
    )
    assert table.rows == [
        ["2025-12", 2, 2, 15.0, 15.0, 19.0, True],
        ["2026-01", 0, 0, None, None, None, True],
        ["2026-02", 1, 1, 5.0, 5.0, 5.0, True],
        ["2026-03", 0, 0, None, None, None, False],
    ]
    assert table.headline.value == 35 / 3


def test_first_answer_month_is_incomplete_while_a_ticket_waits():
    table = measured(
        ticket("closed", "2026-01-10", 4),
        ticket("closed", "2026-01-11", None),
        ticket("open", "2026-02-02", None),
    )
    assert [row[:3] + row[-1:] for row in table.rows] == [
        ["2026-01", 1, 2, True],
        ["2026-02", 0, 1, False],
        ["2026-03", 0, 0, False],
    ]
    assert table.notes == [
        "Incomplete (times will still increase): 2026-02 to 2026-03.",
        "1 ticket was closed without a message of the helpdesk.",
    ]


def test_first_answer_months_follow_the_zone_to_the_microsecond():
    table = measured(
        ticket("open", "2026-02-28T22:59:59.999999", 0), ticket("open", "2026-02-28T23:00:00", 1)
    )
    assert [row[:4] for row in table.rows] == [["2026-02", 1, 1, 0.0], ["2026-03", 1, 1, 1.0]]


def test_first_answer_covers_only_the_requested_months():
    tickets = [ticket("closed", "2025-11-10", 10), ticket("closed", "2026-01-10", 20)]
    table = measured(*tickets, params={"from": "2026-01"})
    assert (table.rows[0][0], table.rows[-1][0], table.headline.value) == ("2026-01", "2026-03", 20)


@pytest.mark.parametrize(
    ("tickets", "message"),
    [([], "were opened in"), ([ticket("open", "2026-03-01", None)], "are answered yet")],
)
def test_first_answer_without_times_explains_the_empty_table(tickets, message):
    table = measured(*tickets, params={"months": 3})
    assert len(table.rows) == 3
    assert table.headline is None
    assert message in table.empty_message
