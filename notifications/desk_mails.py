"""The mails to the helpdesk: a new ticket, and what waits."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from notifications.channels.mail import Mail
from notifications.follower_mails import Addresses
from notifications.models import Delivery
from notifications.rendering import (
    ListedTicket,
    WrittenMessage,
    format_moment,
    name_author,
    one_line,
    render_mail,
)
from tickets.history import find_opener_role
from tickets.lifecycle import Status
from tickets.models import Ticket

FOOTER = "The helpdesk gets this because the notification settings in the admin say so."
MAX_LISTED = 10


def write_new_ticket(delivery: Delivery, addresses: Addresses) -> Mail:
    ticket = Ticket.objects.get(deliveries=delivery)
    place = f", {ticket.location}" if ticket.location else ""
    author = name_author(ticket.opener_name, find_opener_role(ticket))
    subject = one_line(f"New ticket {ticket.pk}: {ticket.summary}")
    context = {
        "heading": subject,
        "sentences": [f"{ticket.get_category_display()}{place}"],
        "messages": [WrittenMessage(author, format_moment(ticket.opened_at), ticket.description)],
        "action": ("Open the ticket", desk_address(ticket)),
        "footer": FOOTER,
    }
    return render_mail(subject, context)


def write_digest(delivery: Delivery, addresses: Addresses) -> Mail:
    waiting = Ticket.objects.filter(status=Status.OPEN).order_by("opened_at", "pk")
    active = Ticket.objects.filter(status=Status.ACTIVE).order_by("activated_at", "pk")
    subject = f"What waits: {waiting.count()} open, {active.count()} active"
    context = {
        "heading": subject,
        "lists": [
            ("Open longest, not taken up", list_tickets(waiting, "opened_at")),
            ("Active longest", list_tickets(active, "activated_at")),
        ],
        "action": ("Open the queue", settings.SITE_URL + reverse("desk:queue")),
        "footer": FOOTER,
    }
    return render_mail(subject, context)


def list_tickets(tickets: QuerySet[Ticket], since: str) -> list[ListedTicket]:
    now = timezone.now()
    return [
        ListedTicket(
            one_line(f"#{ticket.pk} {ticket.summary}"),
            timesince(getattr(ticket, since), now, depth=1).replace("\xa0", " "),
            desk_address(ticket),
        )
        for ticket in tickets[:MAX_LISTED]
    ]


def desk_address(ticket: Ticket) -> str:
    return settings.SITE_URL + reverse("desk:ticket", args=[ticket.pk])
