"""The only writer of subscriptions: e-mail addresses that get news of a ticket."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from common.errors import Invalid, NotAllowed
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from notifications.models import Delivery, Kind, Subscription
from notifications.outbox import add_confirmation
from notifications.tokens import CONFIRMING, holder_of, site_token
from tickets.access import can_see, require
from tickets.actions import lock_row, refuse_closed
from tickets.duplicates.merging import lock_rows
from tickets.following.actions import find_follower, make_mail_link, revoke_link
from tickets.following.models import Reason, SecretLink
from tickets.models import Ticket

MAX_LENGTH = 254
MAX_CONFIRMATIONS = 5  # sent to one address in a day
ASKED_AGAIN = timedelta(minutes=10)
NOT_AN_ADDRESS = "Enter an e-mail address like name@example.edu."
TOO_MANY = (
    "Too many links to confirm this address were sent today. Use the last one, try again tomorrow, or leave "
    "the address out."
)


def clean_address(address: object) -> str:
    """Raises Invalid."""
    text = address.strip() if isinstance(address, str) else ""
    try:
        validate_email(text)
        text.rpartition("@")[2].encode("idna")  # as the mail will write it
    except (ValidationError, UnicodeError):
        raise Invalid({"email": [NOT_AN_ADDRESS]}) from None
    if len(text) > MAX_LENGTH or '"' in text:  # legal, but what people type so is a mistake
        raise Invalid({"email": [NOT_AN_ADDRESS]})
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


@retry_on_deadlock
def subscribe_browser(ticket: Ticket, *, by: Caller, address: object) -> Subscription:
    """For a browser that reported or follows the ticket. Raises NotAllowed, Hidden, WrongState, Invalid."""
    require(by, "follow", ticket)
    locked = lock_row(ticket)
    follower = find_follower(ticket, by=by) if by.browser else None
    if follower is None and can_see(by, locked):
        raise NotAllowed("Only who reported or follows a ticket gets news of it.")
    refuse_closed(locked, by=by)
    is_reporter = follower is not None and follower.reason == Reason.REPORTED
    return subscribe(ticket, by=by, address=address, is_reporters=is_reporter)


@retry_on_deadlock
def subscribe_holder(link: SecretLink, *, by: Caller, address: object) -> Subscription:
    """For the holder of a secret link. Raises Hidden, WrongState, Invalid."""
    refuse_closed(lock_row(link.ticket), by=by)
    return subscribe(link.ticket, by=by, address=address, is_reporters=link.is_reporters)


def subscribe(ticket: Ticket, *, by: Caller, address: object, is_reporters: bool) -> Subscription:
    """Nothing is sent to a new address but the link that confirms it; a browser that confirmed it before need
    not do so again. The caller has locked the ticket."""
    address = clean_address(address)
    given = {"address": address, "browser": by.browser, "session": by.session, "is_reporters": is_reporters}
    row, is_new = Subscription.objects.get_or_create(ticket=ticket, address__iexact=address, defaults=given)
    is_own = row.browser == by.browser if by.browser else row.session == by.session
    if is_own:  # undoing a merge does not end it any more; not so if somebody else types the address
        Subscription.objects.filter(pk=row.pk).update(brought_by=None)
    if row.confirmed_at is None and has_confirmed(by, address):
        confirm(row)
    elif row.confirmed_at is None and (is_new or not was_asked(row)):
        refuse_many(address)
        add_confirmation(row)
    return row


def has_confirmed(by: Caller, address: str) -> bool:
    if not by.browser:
        return False
    own = Subscription.objects.filter(browser=by.browser, brought_by=None, address__iexact=address)
    return own.filter(confirmed_at__isnull=False).exists()


def was_asked(subscription: Subscription) -> bool:
    """A moment ago, as by a form that is sent twice."""
    return subscription.deliveries.filter(kind=Kind.CONFIRMATION, created_at__gt=Now() - ASKED_AGAIN).exists()


def refuse_many(address: str) -> None:
    """So that nobody fills a stranger's mailbox. Raises Invalid."""
    asked = Delivery.objects.filter(kind=Kind.CONFIRMATION, recipient__iexact=address)
    if asked.filter(created_at__gt=Now() - timedelta(days=1)).count() >= MAX_CONFIRMATIONS:
        raise Invalid({"email": [TOO_MANY]})


@retry_on_deadlock
def confirm(subscription: Subscription) -> None:
    """From now on the address gets news, with a secret link of its own. Not if the ticket was closed, or the
    address erased meanwhile."""
    ticket = lock_row(subscription.ticket)
    waiting = Subscription.objects.filter(pk=subscription.pk, confirmed_at=None)
    if ticket.is_closed or not waiting.exists():
        return
    link = make_mail_link(
        ticket, holder_of(subscription.pk), token=site_token(), is_reporters=subscription.is_reporters
    )
    waiting.update(confirmed_at=Now(), link=link)


@retry_on_deadlock
def unsubscribe(subscription: Subscription) -> None:
    """The address is forgotten, with all that was or would be sent to it for this ticket, and for the one it
    was merged into. The secret link in the mails stays: whoever has it follows the ticket by it."""
    origin = subscription.brought_by_id or subscription.ticket_id
    brought = Subscription.objects.filter(brought_by=origin, address__iexact=subscription.address)
    involved = [subscription.ticket_id, *brought.values_list("ticket_id", flat=True)]
    lock_rows(Ticket.objects.filter(pk__in=involved))  # nothing happens to them meanwhile that would be told
    brought.delete()
    subscription.delete()


def end_subscriptions(ticket: Ticket, *, by: Caller) -> None:
    """What the caller's browser asked for. An address that was not confirmed is erased by itself: until then
    it counts, or following and unfollowing in turn would fill a stranger's mailbox."""
    if by.browser:
        own = Subscription.objects.filter(ticket=ticket, browser=by.browser)
        end_with_links(own.filter(confirmed_at__isnull=False))


def end_with_links(subscriptions: QuerySet[Subscription]) -> None:
    for row in subscriptions.select_related("link"):
        if row.link:
            revoke_link(row.link)
    subscriptions.delete()


def bring_subscriptions(duplicate: Ticket, kept: Ticket) -> None:
    """Who gets news of the duplicate gets them of the kept ticket from now on, also if somebody else asked to
    confirm the address there."""
    for row in Subscription.objects.filter(ticket=duplicate, confirmed_at__isnull=False).order_by("pk"):
        given = {name: getattr(row, name) for name in ("browser", "session", "address")}
        given |= {"is_reporters": False, "brought_by_id": row.brought_by_id or duplicate.pk}
        brought, _ = Subscription.objects.get_or_create(
            ticket=kept, address__iexact=row.address, defaults=given
        )
        if brought.confirmed_at is None:
            Subscription.objects.filter(pk=brought.pk).update(**given)
            confirm(Subscription.objects.get(pk=brought.pk))


def take_back_subscriptions(duplicate: Ticket, kept: Ticket) -> None:
    """The merge was undone. What the duplicate's own duplicates brought to it leaves it, too: these point to
    the kept ticket."""
    brought = Subscription.objects.filter(ticket__in=[duplicate, kept], brought_by__isnull=False)
    end_with_links(brought.exclude(brought_by__merged_into=F("ticket")))


def erase_addresses() -> int:
    """Of tickets that were closed long ago, and those that nobody confirmed while their last link worked;
    with all that was sent to them. Returns how many."""
    closed_before = Now() - timedelta(days=settings.MAIL_ADDRESS_DAYS)
    is_closed = Q(ticket__closed_at__lt=closed_before)
    is_old = Q(confirmed_at=None, created_at__lt=Now() - CONFIRMING)
    working = Delivery.objects.filter(subscription=OuterRef("pk"), sent_at__gt=Now() - CONFIRMING)
    rows = Subscription.objects.filter(is_closed | (is_old & ~Exists(working)))
    count = rows.count()
    rows.delete()
    return count
