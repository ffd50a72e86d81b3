from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics_workers.services.ageing.compute import BANDS, measure
from tests.support.api_server import AS_OF
from tests.support.facts import make_facts

MICROSECOND = timedelta(microseconds=1)


def measured(*tickets):
    return measure(make_facts(*tickets), {}, as_of=AS_OF, time_zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(("days", "place"), [(1, 1), (3, 2), (7, 3), (30, 4), (90, 5)])
def test_age_bands_are_exact_to_the_microsecond(days, place):
    edge = AS_OF - timedelta(days=days)
    table = measured(("it", "open", edge), ("it", "active", edge + MICROSECOND))
    counts = {row[0]: row[2:] for row in table.rows if row[1] == "it"}
    assert counts[BANDS[place]] == [1, 0, 1]
    assert counts[BANDS[place - 1]] == [0, 1, 1]


def test_ticket_opened_now_or_in_the_future_counts_as_new():
    table = measured(("it", "open", AS_OF), ("it", "open", AS_OF + timedelta(hours=1)))
    assert table.rows[1] == ["under 1 day", "it", 2, 0, 2]


def test_ageing_leaves_out_closed_tickets():
    table = measured(("it", "closed", AS_OF - timedelta(days=2), AS_OF), ("services", "open", AS_OF))
    assert (table.headline.value, table.headline.label) == (1, "ticket is unresolved")
    assert sum(row[-1] for row in table.rows) == 1


def test_ageing_without_tickets_is_zeros_with_an_explanation():
    table = measured()
    assert len(table.rows) == 18
    assert {tuple(row[2:]) for row in table.rows} == {(0, 0, 0)}
    assert table.empty_message.startswith("No tickets")
