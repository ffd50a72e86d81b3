from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics_workers.services.solved.compute import measure
from tests.support.facts import make_facts, moment

NOW = moment("2026-03-15T12:00:00.250000")


def measured(*tickets, params=None, zone="Europe/Berlin"):
    return measure(make_facts(*tickets), params or {}, as_of=NOW, time_zone=ZoneInfo(zone))


def ticket(opened: str, solved: str = "", *, status: str = "closed") -> tuple:
    """A ticket, and whether its reporter calls it solved."""
    at = moment(opened)
    closed = at + timedelta(hours=5) if status == "closed" else None
    return ("it", status, at, closed, None if status == "open" else at, None, "Library", solved)


def test_solved_has_one_row_per_month_including_empty_months():
    table = measured(
        ticket("2025-12-10", "yes"),
        ticket("2025-12-11", "no"),
        ticket("2025-12-12", "yes"),
        ticket("2025-12-13"),
        ticket("2026-02-01"),
    )
    assert table.rows == [
        ["2025-12", 4, 3, 2, 1, 200 / 3],
        ["2026-01", 0, 0, 0, 0, None],
        ["2026-02", 1, 0, 0, 0, None],
        ["2026-03", 0, 0, 0, 0, None],
    ]
    assert table.headline.value == 200 / 3
    assert (
        table.headline.label
        == "% of the reporters who answered call their problem solved, over 3 closed tickets"
    )


def test_headline_is_the_share_over_all_answers_of_the_range_and_not_the_mean_of_months():
    tickets = [ticket("2026-01-10", "no"), *(ticket("2026-02-10", "yes") for _ in range(3))]
    assert measured(*tickets).headline.value == 75
    assert measured(*tickets, params={"months": 2}).headline.value == 100


def test_answers_about_tickets_that_are_not_closed_are_noted_only():
    table = measured(
        ticket("2025-11-10", "no", status="active"),
        ticket("2026-02-10", "yes"),
        ticket("2026-02-11", "no", status="open"),
        ticket("2026-02-12", "no", status="active"),
        params={"months": 2},
    )
    assert table.rows[0] == ["2026-02", 1, 1, 1, 0, 100]
    assert table.notes == ["2 answered tickets are not closed: their answers do not count."]


def test_solved_months_follow_the_zone_to_the_microsecond():
    table = measured(ticket("2026-02-28T22:59:59.999999", "no"), ticket("2026-02-28T23:00:00", "yes"))
    assert [row[:5] for row in table.rows] == [["2026-02", 1, 1, 0, 1], ["2026-03", 1, 1, 1, 0]]


@pytest.mark.parametrize(
    ("tickets", "params", "rows", "message"),
    [
        ([], {}, 0, "No tickets of these months are closed yet."),
        ([], {"months": 3}, 3, "No tickets of these months are closed yet."),
        ([ticket("2026-03-10", "yes", status="open")], {}, 1, "No tickets of these months are closed yet."),
        ([ticket("2026-01-10", "yes")], {"from": "2026-04"}, 0, "No tickets of these months are closed yet."),
        ([ticket("2026-03-10")], {}, 1, "No reporters of these months' closed tickets have said"),
    ],
)
def test_solved_without_answers_explains_the_empty_table(tickets, params, rows, message):
    table = measured(*tickets, params=params)
    assert (len(table.rows), table.headline) == (rows, None)
    assert table.empty_message.startswith(message)


def test_solved_notes_future_months_and_what_a_long_history_leaves_out():
    tickets = [ticket("2001-01-10", "yes"), ticket("2026-01-10", "yes")]
    assert measured(*tickets).notes[-1].startswith("1 ticket is left out: it was opened before 2015-06.")
    assert measured(*tickets, params={"until": "2027-01"}).notes[0].startswith("Months after 2026-03 are")


def test_every_count_leads_to_the_tickets_that_it_counted():
    table = measured(ticket("2026-03-10", "yes"), ticket("2026-03-11", "no"), ticket("2026-03-12"))
    month = {"status": ["closed"], "from_month": ["2026-03"], "until_month": ["2026-03"]}
    (links,) = table.drilldowns.rows
    assert {name: (link.count, link.filters) for name, link in links.items()} == {
        "closed": (3, month),
        "answers": (2, month | {"solved": ["yes", "no"]}),
        "solved": (1, month | {"solved": ["yes"]}),
        "not_solved": (1, month | {"solved": ["no"]}),
    }
    assert table.drilldowns.headline == links["answers"]
