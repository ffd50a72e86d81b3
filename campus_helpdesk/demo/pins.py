"""The pins that a new visitor finds above the demo campus' queue."""

from typing import Any

from analytics_gateway.models import Pin
from analytics_gateway.pins import pin_analysis
from common.roles import Caller, Role
from tickets.models import Ticket

FAVOURITES: list[tuple[str, dict[str, Any]]] = [
    ("active-by-category", {}),
    ("unresolved", {"period": "7d"}),
    ("backlog", {"days": 30}),
]


def is_untouched() -> bool:
    """Whether there is neither a ticket nor a pin."""
    return not Ticket.objects.exists() and not Pin.objects.exists()


def pin_favourites() -> None:
    for service, params in FAVOURITES:
        pin_analysis(service, params, by=Caller(Role.HELPDESK))
