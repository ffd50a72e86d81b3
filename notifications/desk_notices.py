"""What the helpdesk gets by mail, as it has set in the admin: each new ticket, and once a day what waits."""

from typing import Any

from django.utils import timezone

from notifications.models import Kind, NotificationSettings
from notifications.outbox import add_once
from tickets.models import Ticket


def announce_ticket(*, ticket: Ticket, **kwargs: Any) -> None:
    """In the transaction in which it is opened."""
    addresses = NotificationSettings.read().new_ticket_addresses.split()
    if addresses:
        add_once(Kind.NEW_TICKET, addresses, f"new-ticket-{ticket.pk}", ticket_id=ticket.pk)


def make_digests() -> None:
    """Once a day, from the hour that is set; later if nothing ran then."""
    chosen, now = NotificationSettings.read(), timezone.localtime()
    if now.hour >= chosen.digest_hour and (addresses := chosen.digest_addresses.split()):
        add_once(Kind.DIGEST, addresses, f"digest-{now:%Y-%m-%d}")
