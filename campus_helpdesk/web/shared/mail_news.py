"""Who gets news of a ticket by mail, as its pages show it."""

from typing import Any

from common.roles import Caller
from notifications.channels.mail import has_server
from notifications.models import Subscription
from tickets.models import Ticket

CONFIRM_IT = "A mail with a link was sent to your address. Open the link to get news of this ticket by mail."
NOT_SENT = "This site sends no mail yet: the mail that confirms your address waits at the helpdesk."
CONFIRMED = "You get news of this ticket by mail."


def describe_subscription(subscription: Subscription) -> str:
    """For who gave the address."""
    return CONFIRMED if subscription.confirmed_at else describe_confirmation()


def describe_confirmation() -> str:
    return CONFIRM_IT if has_server() else NOT_SENT


def find_mail_state(ticket: Ticket, *, by: Caller) -> str:
    """For a browser that gave an address; empty if it gave none. It is not shown: others may see the page."""
    own = Subscription.objects.filter(ticket=ticket, browser=by.browser) if by.browser else ()
    subscription = next(iter(own), None)
    return describe_subscription(subscription) if subscription else ""


def describe_mail(ticket: Ticket, caller: Caller, area: str) -> dict[str, Any]:
    """The context of a ticket's page. Only the helpdesk sees addresses."""
    if area == "desk":
        return {"addresses": Subscription.objects.filter(ticket=ticket).order_by("created_at", "pk")}
    return {"mail_state": find_mail_state(ticket, by=caller)}
