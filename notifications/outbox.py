"""The outbox: rows that are written in the transaction of an event, and what becomes of each attempt to send
one. It knows no ticket."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now

from incoming_mail import addresses
from notifications.models import MAX_ERROR_LENGTH, Delivery, Kind, State, Subscription

COLLECTING = timedelta(minutes=2)  # what happens within it is one mail
LEASE = timedelta(minutes=10)  # longer than any attempt: only after a crash another one begins then
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)
GIVING_UP = timedelta(days=3)
TOO_OLD = "Not sent within three days."


def add_confirmation(subscription: Subscription) -> Delivery:
    """Due at once."""
    delivery = new_delivery_for(subscription, Kind.CONFIRMATION)
    delivery.save(force_insert=True)
    return delivery


def add_news(subscriptions: Sequence[Subscription], event: dict[str, object]) -> None:
    """In the transaction of the event. It joins the mails that are not on their way yet, and has as much time
    as any other news to arrive with them."""
    collecting = Delivery.objects.collecting().filter(subscription__in=subscriptions).order_by("pk")
    joined = list(collecting.select_for_update(no_key=True))
    for delivery in joined:
        delivery.events = [*delivery.events, event]
        delivery.give_up_at = Now() + GIVING_UP
    Delivery.objects.bulk_update(joined, ["events", "give_up_at"])
    known = {delivery.subscription_id for delivery in joined}
    added = [
        new_delivery_for(one, Kind.NEWS, events=[event], delay=COLLECTING)
        for one in subscriptions
        if one.pk not in known
    ]
    Delivery.objects.bulk_create(added)


def new_delivery_for(
    subscription: Subscription,
    kind: Kind,
    *,
    events: Sequence[dict[str, object]] = (),
    delay: timedelta = timedelta(0),
) -> Delivery:
    """Not stored yet."""
    pk = uuid4()
    message_id = make_message_id(pk.hex)
    if kind == Kind.NEWS:  # an answer to it finds its ticket
        message_id = addresses.make_message_id(subscription.ticket_id, pk.hex[:16], settings.MAIL_DOMAIN)
    delivery = new_delivery(kind, subscription.address, message_id, delay=delay)
    delivery.pk, delivery.events, delivery.subscription = pk, list(events), subscription
    delivery.ticket_id = subscription.ticket_id
    return delivery


def add_once(kind: Kind, recipients: Iterable[str], name: str, *, ticket_id: int | None = None) -> None:
    """Due at once. name: of what is sent; a second delivery of it to the same recipient is not made, however
    many processes try."""
    rows = []
    for recipient in recipients:
        digest = hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]
        row = new_delivery(kind, recipient, make_message_id(f"{name}-{digest}"))
        row.ticket_id = ticket_id
        rows.append(row)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def new_delivery(kind: Kind, recipient: str, message_id: str, *, delay: timedelta = timedelta(0)) -> Delivery:
    """Not stored yet."""
    times = {"next_try_at": Now() + delay, "give_up_at": Now() + GIVING_UP}
    return Delivery(kind=kind, recipient=recipient, message_id=message_id, **times)


def make_message_id(name: str) -> str:
    return f"<{name}@{settings.MAIL_DOMAIN}>"


def claim_next() -> Delivery | None:
    """The next due delivery, which no other process sends during the lease. It counts as tried from now on: a
    process that dies in the attempt leaves a row that is tried again."""
    with transaction.atomic():
        due = Delivery.objects.due().order_by("next_try_at", "pk")
        row = due.select_for_update(skip_locked=True, no_key=True).first()
        if row is None:
            return None
        Delivery.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, next_try_at=Now() + LEASE)
    row.attempts += 1
    return row


def attempt_of(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, unless another attempt has begun since."""
    return Delivery.objects.waiting().filter(pk=delivery.pk, attempts=delivery.attempts)


def mark_sent(delivery: Delivery) -> None:
    attempt_of(delivery).update(state=State.SENT, sent_at=Now(), last_error="")


def mark_failed(delivery: Delivery, error: str) -> None:
    """The server refused it for good."""
    attempt_of(delivery).update(state=State.FAILED, last_error=error[:MAX_ERROR_LENGTH])


def postpone(delivery: Delivery, error: str) -> None:
    """It is tried again, later each time."""
    delay = find_delay(delivery.attempts)
    attempt_of(delivery).update(next_try_at=Now() + delay, last_error=error[:MAX_ERROR_LENGTH])


def find_delay(attempts: int) -> timedelta:
    """After so many attempts: a minute, then twice as long each time, up to six hours."""
    return min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)


def give_up_old() -> int:
    """What was not sent in time stays readable. Returns how many."""
    old = Delivery.objects.waiting().filter(give_up_at__lte=Now())
    old.filter(last_error="").update(last_error=TOO_OLD)
    return old.update(state=State.GIVEN_UP)


def try_again(delivery: Delivery) -> bool:
    """The helpdesk wants another attempt now. False for one that was sent."""
    unsent = Delivery.objects.filter(pk=delivery.pk).exclude(state=State.SENT)
    due = {"next_try_at": Now(), "give_up_at": Now() + GIVING_UP}
    tried = Greatest(F("attempts"), 1)  # nothing is added to it any more
    return bool(unsent.update(state=State.WAITING, attempts=tried, **due))


def delete_ended(age: timedelta) -> int:
    """Of what was sent or given up so long ago, nothing is needed any more; nor of what waits
    so long because no server is set."""
    old = Delivery.objects.filter(created_at__lt=Now() - age)
    count, _ = old.exclude(state=State.WAITING, give_up_at__gt=Now()).delete()
    return count
