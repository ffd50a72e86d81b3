"""Users see the helpdesk's lists without closed tickets, and no row is lost between pages."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.clients import enter
from tests.support.factories import make_ticket

STATUSES = ("open", "active", "closed")
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3),
        "category": st.lists(st.sampled_from(["facility", "it", "services"]), min_size=1, max_size=2),
        "q": st.sampled_from(["lamp", "lamp hall", "li", "#3", "nothing"]),
        "building": st.sampled_from(["hall", "HALL", "library"]),
        "building_is": st.sampled_from(["Hall", "hall"]),
        "has_building": st.sampled_from(["true", "false"]),
        "opened_after": st.sampled_from(["2020-01-01", "2099-01-01"]),
        "opened_before": st.sampled_from(["2020-01-01", "2099-01-01"]),
        "is_answered": st.sampled_from(["true", "false"]),
        "was_unclosed_at": st.just("2099-01-01T00:00:00Z"),
        "ordering": st.sampled_from(["opened_at", "-opened_at", "modified_at", "-modified_at"]),
    },
)
SIZES = st.sampled_from([1, 2, 3, 5, 25, 100])


def read_ids(person, query: dict, size: int) -> list[int]:
    """The ids of all pages, in their order."""
    ids, address = [], "/api/v1/tickets/"
    answer = person.client.get(address, query | {"page_size": size})
    while True:
        assert answer.status_code == 200, answer.content
        page = answer.json()
        assert len(page["results"]) <= size
        ids += [row["id"] for row in page["results"]]
        if not page["next"]:
            return ids
        answer = person.client.get(page["next"])


@pytest.mark.fault_fast
@pytest.mark.django_db(transaction=True)
def test_hidden_is_missing_from_random_lists_of_users(amount, figures):
    for number in range(13):
        building = ("Hall", "hall", "Library", "")[number % 4]
        make_ticket(STATUSES[number % 3], description=f"Lamp {number} of the hall", building=building)
    user, helpdesk = enter("user"), enter("helpdesk")
    closed = set(read_ids(helpdesk, {"status": ["closed"]}, 100))
    wrong, compared = [], 0

    @settings(
        max_examples=amount(60, 2000),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(QUERIES, SIZES, SIZES)
    def compare(query, size, other):
        nonlocal compared
        compared += 1
        shown, seen = read_ids(helpdesk, query, size), read_ids(user, query, other)
        if seen != [pk for pk in shown if pk not in closed] or len(set(shown)) < len(shown):
            wrong.append((query, size, other, shown, seen))

    compare()
    what = f"lists that differ, of {compared} queries in pages of any size"
    figures.record("hidden_is_missing", what, len(wrong), goal="0", is_met=not wrong and compared > 0)
