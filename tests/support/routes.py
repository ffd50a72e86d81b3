"""Every route of the site, including the admin's, with an address at which there is something."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import get_resolver
from django.utils import timezone

from analytics_gateway.models import Analysis, Pin, ReportSchedule
from incoming_mail.models import IncomingMail
from incoming_mail.models import State as MailState
from messaging.attachments.models import Attachment
from messaging.models import Message
from notifications.models import Delivery, Subscription
from notifications.tokens import sign_confirmation
from places.edits import PlaceFields
from places.models import MergeProposal
from tests.support.analyses import make_analysis, make_done, make_schedule
from tests.support.audience import walk
from tests.support.factories import HELPDESK, make_conversation, make_secret, make_ticket
from tests.support.mail_servers import make_subscription
from tests.support.staged_photos import make_photo
from tickets.categories import Category
from tickets.duplicates.merging import merge_ticket
from tickets.models import ModelOrigin, Ticket, TicketEvent, TriageModel
from tickets.place_actions import save_place
from tickets.triage import load_shipped_model
from tickets.triage.model import SHIPPED

HITS = {"texts": 1, "right": 1, "accuracy": 1.0}
FIGURES = {"gold": HITS | {"calibration_error": 0.0, "categories": dict.fromkeys(Category.values, HITS)}}


@dataclass(frozen=True)
class SampleRows:
    """Rows with which every route has something to show and every form something to change."""

    open: Ticket
    active: Ticket
    merged: Ticket
    message: Message
    photo: Attachment
    event: TicketEvent
    queued: Analysis
    done: Analysis
    pin: Pin
    running: ReportSchedule
    paused: ReportSchedule
    version: TriageModel
    secret: str
    mail: IncomingMail
    subscription: Subscription
    delivery: Delivery
    proposal: MergeProposal


def make_sample_rows() -> SampleRows:
    opened, active = make_ticket(), make_ticket("active")
    make_conversation(active)
    subscription = make_subscription(opened, is_confirmed=False)
    gym, hall = (save_place(None, by=HELPDESK, fields=PlaceFields(name)) for name in ("Gym", "Hall"))
    return SampleRows(
        open=opened,
        active=active,
        merged=merge_ticket(make_ticket(), into=active, by=HELPDESK),
        message=Message.objects.order_by("pk")[0],
        photo=make_photo(opened),
        event=TicketEvent.objects.order_by("pk")[0],
        queued=make_analysis(),
        done=make_done(),
        pin=Pin.objects.create(service="backlog", params={"days": 7}),
        running=make_schedule(),
        paused=make_schedule(paused_at=timezone.now()),
        version=store_shipped(),
        secret=make_secret(opened),
        mail=IncomingMail.objects.create(
            identity="mail", state=MailState.SET_ASIDE, text="The lamp flickers."
        ),
        subscription=subscription,
        delivery=subscription.deliveries.get(),
        proposal=MergeProposal.objects.create(first=gym, second=hall),
    )


def store_shipped() -> TriageModel:
    """The shipped model as a version that may be chosen."""
    raw, version = SHIPPED.read_bytes(), load_shipped_model().version
    made = {"raw": raw, "sha256": sha256(raw).hexdigest(), "made_by": ModelOrigin.SHIPPED, "figures": FIGURES}
    return TriageModel.objects.create(version=version, **made)


def list_routes() -> list[tuple[str, str]]:
    """Name and pattern of each."""
    pages = walk(get_resolver().url_patterns)
    return [*pages, *walk(admin.site.urls[0], "admin/", "admin:")]


def find_address(name: str, pattern: str, rows: SampleRows) -> str:
    """The address of the route, with a row of the kind that it shows."""
    parts: dict[str, Any] = {
        "<int:pk>": row_of(name, rows).pk,
        "(?P<pk>[0-9]+)": row_of(name, rows).pk,
        "<str:secret>": rows.secret,
        "<str:token>": token_of(name, rows),
        "<uuid:pk>": uuid_of(name, pattern, rows),
        "<path:content_type_id>": ContentType.objects.get_for_model(Ticket).pk,
        "(?P<app_label>tickets|places|messaging|notifications)": "tickets",
    }
    admins = {"ticketevent": rows.event, "message": rows.message}
    shown = next((row for model, row in admins.items() if f"/{model}/" in pattern), rows.open)
    parts["<path:object_id>"] = shown.pk
    for part, value in parts.items():
        pattern = pattern.replace(part, str(value))
    return "/" + pattern.replace("^", "").replace("$", "").replace("\\Z", "")


def token_of(name: str, rows: SampleRows) -> str:
    """Of a mail. One that ends mails is all that a request needs, so only a wrong one can be forged."""
    return sign_confirmation(rows.subscription.pk) if name == "mail:confirm" else "no-such-token"


def uuid_of(name: str, pattern: str, rows: SampleRows) -> Any:
    if "outbox/" in pattern:
        return rows.delivery.pk
    if "attachments/" in pattern or "photos/" in pattern:
        return rows.photo.pk
    return (rows.queued if name.endswith("cancel") else rows.done).pk


def row_of(name: str, rows: SampleRows) -> Any:
    by_route = {
        "desk:pin_card": rows.pin,
        "desk:unpin": rows.pin,
        "desk:pause": rows.running,
        "desk:resume": rows.paused,
        "desk:delete": rows.running,
        "desk:close": rows.active,
        "desk:unmerge": rows.merged,
        "desk:dismiss_proposal": rows.proposal,
        "place-detail": rows.proposal.first,
        "ticket-close": rows.active,
        **dict.fromkeys(["desk:mail", "desk:mail_ticket", "desk:discard_mail"], rows.mail),
    }
    return by_route.get(name, rows.open)
