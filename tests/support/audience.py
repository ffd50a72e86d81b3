"""Every route of the site and who is admitted: the one table that the access tests share."""

from django.urls import URLPattern, get_resolver

from analytics_gateway.models import Analysis, Pin, ReportSchedule
from incoming_mail.models import IncomingMail
from messaging.attachments.models import Attachment
from messaging.models import Message
from notifications.models import Delivery, Subscription
from tickets.following.models import Feedback, Follower, SecretLink
from tickets.models import IdempotencyKey, Ticket, TicketEvent

SOME_UUID = "00000000-0000-4000-8000-000000000000"
OPEN, BOTH, HELPDESK, SERVICE = "open to all", "both roles", "the helpdesk", "a service's token"
LINK = "whoever holds a secret link, or a mail with a signed one"
WRONG_SECRET = "no-such-secret"
AUDIENCE = {
    "entrance:choose_role": OPEN,
    "entrance:enter": OPEN,
    "entrance:leave": OPEN,
    "entrance:theme": OPEN,
    "schema": OPEN,
    "docs": OPEN,
    "manifest": OPEN,
    "service_worker": OPEN,
    "offline": OPEN,
    "open_feed": OPEN,
    "portal:list": BOTH,
    "portal:report": BOTH,
    "portal:guess": BOTH,
    "link:ticket": LINK,
    "link:feed": LINK,
    "link:upload": LINK,
    "link:staged": LINK,
    "link:large": LINK,
    "link:small": LINK,
    "link:messages": LINK,
    "link:solved": LINK,
    "link:revoke": LINK,
    "link:mail": LINK,
    "mail:confirm": LINK,
    "mail:unsubscribe": LINK,
    "portal:sent": BOTH,
    "portal:link": BOTH,
    "portal:mail": BOTH,
    "portal:similar": BOTH,
    "portal:me_too": BOTH,
    "portal:places": BOTH,
    "portal:news": BOTH,
    "portal:forget": BOTH,
    "portal:follow": BOTH,
    "portal:unfollow": BOTH,
    "portal:ticket": BOTH,
    "portal:messages": BOTH,
    "portal:edit": BOTH,
    "portal:category": BOTH,
    "portal:next": BOTH,
    "portal:previous": BOTH,
    "photos:upload": BOTH,
    "photos:staged": BOTH,
    "desk:remove_photo": HELPDESK,
    "desk:outbox": HELPDESK,
    "desk:delivery": HELPDESK,
    "desk:retry_delivery": HELPDESK,
    "desk:queue": HELPDESK,
    "desk:move_many": HELPDESK,
    "desk:ticket": HELPDESK,
    "desk:messages": HELPDESK,
    "desk:edit": HELPDESK,
    "desk:category": HELPDESK,
    "desk:next": HELPDESK,
    "desk:previous": HELPDESK,
    "desk:activate": HELPDESK,
    "desk:close": HELPDESK,
    "desk:proposals": HELPDESK,
    "desk:merge": HELPDESK,
    "desk:unmerge": HELPDESK,
    "desk:analytics": HELPDESK,
    "desk:analysis": HELPDESK,
    "desk:cancel": HELPDESK,
    "desk:pin": HELPDESK,
    "desk:pinned": HELPDESK,
    "desk:pin_card": HELPDESK,
    "desk:unpin": HELPDESK,
    "desk:mails": HELPDESK,
    "desk:mail": HELPDESK,
    "desk:mail_ticket": HELPDESK,
    "desk:discard_mail": HELPDESK,
    "desk:places": HELPDESK,
    "desk:merge_places": HELPDESK,
    "desk:keep_places": HELPDESK,
    "desk:load_places": HELPDESK,
    "desk:dismiss_proposal": HELPDESK,
    "desk:posters": HELPDESK,
    "desk:category_accuracy": HELPDESK,
    "desk:use_version": HELPDESK,
    "desk:reports": HELPDESK,
    "desk:pause": HELPDESK,
    "desk:resume": HELPDESK,
    "desk:delete": HELPDESK,
    "place-list": BOTH,
    "place-detail": BOTH,
    "ticket-list": BOTH,
    "ticket-detail": BOTH,
    "ticket-activate": HELPDESK,
    "ticket-close": HELPDESK,
    "ticket-merge": HELPDESK,
    "ticket-history": BOTH,
    "conversation": BOTH,
    "ticket-attachments": BOTH,
    "attachments": BOTH,
    "attachment": BOTH,
    "attachment-remove": HELPDESK,
    "attachment-large": BOTH,
    "attachment-small": BOTH,
    "facts": SERVICE,
    "analyses": HELPDESK,
    "analysis-services": HELPDESK,
    "analysis": HELPDESK,
    "analysis-cancel": HELPDESK,
    "analysis-svg": HELPDESK,
    "analysis-png": HELPDESK,
    "analysis-csv": HELPDESK,
    "analysis-start": SERVICE,
    "analysis-progress": SERVICE,
    "analysis-failure": SERVICE,
    "analysis-result": SERVICE,
}
TICKETS = ("ticket-detail", "ticket-activate", "ticket-close", "ticket-history", "conversation")
TICKETS += ("ticket-attachments", "ticket-merge")
PORTAL_TICKETS = ("portal:ticket", "portal:messages", "portal:edit", "portal:category")
PORTAL_TICKETS += ("portal:follow", "portal:unfollow", "portal:sent", "portal:link")
PORTAL_TICKETS += ("portal:me_too", "portal:mail")
PORTAL_TICKETS += ("portal:next", "portal:previous")


def walk(patterns, prefix="", space=""):
    """Name and address of every route, the admin's under its own heading."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", address
        elif pattern.namespace != "admin":
            yield from walk(
                pattern.url_patterns, address, f"{pattern.namespace}:" if pattern.namespace else space
            )


ROUTES = dict(walk(get_resolver().url_patterns))


def fill(address: str, ticket: Ticket) -> str:
    """A real address of a route; of a photo under the ticket, if there is one."""
    photo = Attachment.objects.filter(ticket=ticket.pk).first()
    if photo and ("attachments/" in address or "photos/" in address):
        address = address.replace("<uuid:pk>", str(photo.pk))
    for part in ("<int:pk>", "(?P<pk>[0-9]+)"):
        address = address.replace(part, str(ticket.pk))
    address = address.replace("<uuid:pk>", SOME_UUID).replace("<str:secret>", WRONG_SECRET)
    address = address.replace("<str:token>", WRONG_SECRET)
    return "/" + address.replace("^", "").replace("$", "").replace("\\Z", "")


def snapshot():
    tables = (
        Ticket,
        TicketEvent,
        Message,
        Attachment,
        IdempotencyKey,
        Follower,
        SecretLink,
        Feedback,
        IncomingMail,
        Subscription,
        Delivery,
        Analysis,
        ReportSchedule,
        Pin,
    )
    return [list(table.objects.order_by("pk").values()) for table in tables]
