"""What happens to tickets, told to the addresses that want news of them: in the transaction of the event.

An event in a delivery: its verb as in the history, and for a message its number and its author's role.
"""

from collections.abc import Sequence
from typing import Any

from common.roles import Caller
from messaging.models import Message
from notifications.models import Delivery, Subscription
from notifications.outbox import add_news
from notifications.subscriptions import bring_subscriptions, take_back_subscriptions
from tickets.models import Ticket


def announce_message(*, message: Message, by: Caller, **kwargs: Any) -> None:
    """Internal notes are nobody's news."""
    if not message.is_internal:
        announce(message.ticket, by=by, event={"verb": "messaged", "message": message.pk, "role": by.role})


def announce_move(*, ticket: Ticket, by: Caller, verb: str, **kwargs: Any) -> None:
    if verb == "merged" and not ticket.is_closed:  # a step on the way
        return
    announce(ticket, by=by, event={"verb": verb})
    if ticket.merged_into:
        bring_subscriptions(ticket, ticket.merged_into)


def take_back_merge(*, ticket: Ticket, kept: Ticket, **kwargs: Any) -> None:
    take_back_subscriptions(ticket, kept)


def forget_tickets(*, tickets: Sequence[Ticket], **kwargs: Any) -> None:
    Delivery.objects.filter(ticket__in=tickets).delete()
    Subscription.objects.filter(ticket__in=tickets).delete()


def announce(ticket: Ticket, *, by: Caller, event: dict[str, object]) -> None:
    """To all but who did it."""
    confirmed = Subscription.objects.filter(ticket=ticket, confirmed_at__isnull=False)
    told = [one for one in confirmed.select_related("link").order_by("pk") if not is_own(one, by)]
    if told:
        add_news(told, event)


def is_own(subscription: Subscription, by: Caller) -> bool:
    """Whether the caller is who gave the address, or holds the link of its mails."""
    sessions = {subscription.session, subscription.link.holder_session if subscription.link else ""}
    is_browser = bool(by.browser) and by.browser == subscription.browser
    return is_browser or (bool(by.session) and by.session in sessions)
