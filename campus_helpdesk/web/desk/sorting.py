"""The orders of the queue, each as a link."""

from django.http import QueryDict

from campus_helpdesk.web.shared.active_filters import without_filters
from campus_helpdesk.web.shared.ticket_list import Choice

NEWEST = "-opened_at"
LABELS = {
    NEWEST: "Newest first",
    "opened_at": "Oldest first",
    "-modified_at": "Last changed first",
    "-me_too": "Most reported first",
}


def list_orders(query: QueryDict) -> list[Choice]:
    """For an address with a valid ordering. A search has the best hits first unless another one is chosen.

    The order that a list has by itself is in no link, so that a later search has its own.
    """
    is_search = "q" in query
    labels = {"": "Best hits first", **LABELS} if is_search else LABELS
    default = "" if is_search else NEWEST
    current = query.get("ordering", default)
    return [
        Choice(value, label, order_link(query, "" if value == default else value), value == current)
        for value, label in labels.items()
    ]


def order_link(query: QueryDict, ordering: str) -> str:
    """ordering: empty for that of the list itself."""
    ordered = without_filters(query, "ordering")
    if ordering:
        ordered["ordering"] = ordering
    return f"?{ordered.urlencode()}"
