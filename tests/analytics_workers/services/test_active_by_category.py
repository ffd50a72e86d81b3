from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.services.active_by_category.compute import measure
from tests.support.api_server import AS_OF
from tests.support.facts import make_facts

CATEGORIES = ["facility", "it", "services"]


def measured(tickets):
    rows = [(c, s, AS_OF, *([AS_OF] if s == "closed" else [])) for c, s in tickets]
    return measure(make_facts(*rows), {}, as_of=AS_OF, time_zone=ZoneInfo("UTC"))


@given(
    st.lists(
        st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(["open", "active", "closed"])), max_size=30
    )
)
def test_active_tickets_are_counted_including_zeros(tickets):
    table = measured(tickets)
    assert table.rows == [[category, tickets.count((category, "active"))] for category in CATEGORIES]
    assert table.headline.value == sum(status == "active" for _, status in tickets)


def test_active_without_tickets_is_zero_with_an_explanation():
    table = measured([("it", "open")])
    assert table.rows == [["facility", 0], ["it", 0], ["services", 0]]
    assert table.empty_message == "No tickets are active now."


def test_active_uses_the_singular_for_one_ticket():
    assert measured([("it", "active")]).headline.label == "ticket is active now"
