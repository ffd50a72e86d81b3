from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.services.unresolved.compute import measure
from tests.support.api_server import AS_OF
from tests.support.facts import make_facts

MICROSECOND = timedelta(microseconds=1)


def measured(tickets, period="7d"):
    return measure(make_facts(*tickets), {"period": period}, as_of=AS_OF, time_zone=ZoneInfo("UTC"))


def test_unresolved_counts_every_category_and_status():
    table = measured(
        [
            ("it", "open", AS_OF - timedelta(hours=1)),
            ("it", "open", AS_OF - timedelta(hours=2)),
            ("it", "active", AS_OF - timedelta(hours=3)),
            ("facility", "closed", AS_OF - timedelta(hours=3), AS_OF),
        ]
    )
    assert table.rows == [
        ["facility", "open", 0],
        ["facility", "active", 0],
        ["it", "open", 2],
        ["it", "active", 1],
        ["services", "open", 0],
        ["services", "active", 0],
    ]
    assert all(type(row[2]) is int for row in table.rows)
    assert table.headline.value == 3


@pytest.mark.parametrize(("period", "span"), [("1h", timedelta(hours=1)), ("2d", timedelta(hours=48))])
def test_unresolved_includes_both_ends_to_the_microsecond(period, span):
    edges = [AS_OF - span - MICROSECOND, AS_OF - span, AS_OF, AS_OF + MICROSECOND]
    table = measured([("it", "open", edge) for edge in edges], period)
    assert table.headline.value == 2
    assert table.notes == ["1 ticket opened before this period is also unresolved."]


def test_unresolved_without_tickets_is_zero_with_an_explanation():
    table = measured([])
    assert [row[2] for row in table.rows] == [0] * 6
    assert table.headline.value == 0
    assert table.empty_message.startswith("No tickets")


def test_unresolved_uses_the_singular_for_one_ticket():
    headline = measured([("it", "open", AS_OF)], "1h").headline
    assert headline.label == "ticket opened in the last hour is unresolved"


TICKETS = st.lists(
    st.tuples(
        st.sampled_from(["facility", "it", "services"]),
        st.sampled_from(["open", "active", "closed"]),
        st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=5000)),
    ),
    max_size=30,
)


@given(TICKETS, st.sampled_from(["1h", "24h", "7d", "365d", "3650d", "87600h"]))
def test_unresolved_equals_a_plain_count(tickets, period):
    span = timedelta(**{"hours" if period[-1] == "h" else "days": int(period[:-1])})
    rows = [
        (category, status, AS_OF - age, *([AS_OF + timedelta(days=9)] if status == "closed" else []))
        for category, status, age in tickets
    ]
    inside = [(c, s) for c, s, age in tickets if s != "closed" and timedelta(0) <= age <= span]
    table = measured(rows, period)
    assert {(c, s): n for c, s, n in table.rows if n} == {pair: inside.count(pair) for pair in inside}
    assert table.headline.value == len(inside)
