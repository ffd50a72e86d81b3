"""The orders of the queue, each as a link."""

from django.http import QueryDict

from campus_helpdesk.web.shared.active_filters import without_filters
from campus_helpdesk.web.shared.ticket_list import Choice

LABELS = {
    "-opened_at": "Newest first",
    "opened_at": "Oldest first",
    "-modified_at": "Last changed first",
    "-me_too": "Most reported first",
}


def list_orders(query: QueryDict) -> list[Choice]:
    """For an address with a valid ordering. A search has the best hits first unless another one is chosen."""
    labels = {"": "Best hits first", **LABELS} if "q" in query else LABELS
    current = query.get("ordering", next(iter(labels)))
    return [
        Choice(value, label, order_link(query, value), value == current) for value, label in labels.items()
    ]


def order_link(query: QueryDict, value: str) -> str:
    ordered = without_filters(query, "ordering")
    if value:
        ordered["ordering"] = value
    return f"?{ordered.urlencode()}"
