"""Idempotency keys: a double click makes one ticket, and a repeated request gets the first response."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db.models import Exists, QuerySet

from common.errors import Hidden
from common.roles import Caller
from django_common.text_validation import clean_text
from tickets.access import can_see
from tickets.errors import KeyReused
from tickets.expressions import StatementNow
from tickets.models import IdempotencyKey, Ticket

KEY_LIFETIME = timedelta(hours=24)
MAX_KEY_LENGTH = 200


def prune_keys() -> int:
    """Deletes expired keys and returns their number."""
    return IdempotencyKey.objects.filter(created_at__lt=StatementNow() - KEY_LIFETIME).delete()[0]


def claim_key(by: Caller, key: str, fields: dict[str, str]) -> IdempotencyKey:
    """The row of this key, new or from its first use. A concurrent request waits here until the first one has
    ended. Raises KeyReused."""
    key = clean_text("Idempotency-Key", key, limit=MAX_KEY_LENGTH)
    fingerprint = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    rows = IdempotencyKey.objects.filter(session=by.session, key=key)
    rows.filter(created_at__lt=StatementNow() - KEY_LIFETIME).delete()
    new = IdempotencyKey(session=by.session, key=key, fingerprint=fingerprint)
    IdempotencyKey.objects.bulk_create([new], ignore_conflicts=True)
    row = rows.select_related("ticket").get()
    if row.fingerprint != fingerprint:
        raise KeyReused("This key was already used for a different request. Use a new key.")
    return row


def is_key_used(by: Caller, key: str) -> bool:
    """Whether this session has made a ticket with this key, even one that it may no longer see."""
    return IdempotencyKey.objects.filter(session=by.session, key=key).exists()


def form_reports(by: Caller) -> QuerySet[IdempotencyKey]:
    """The keys of this session's forms whose tickets it may see, newest first. Only a program's key stores a
    response."""
    from_forms = IdempotencyKey.objects.filter(session=by.session, answer__isnull=True)
    visible = from_forms.filter(ticket__in=Ticket.objects.visible_to(by.role))
    return visible.select_related("ticket").order_by("-created_at", "-id")


def find_repeated(
    *, by: Caller, description: str, building: str, room: str, key: str
) -> IdempotencyKey | None:
    """The key under which this session has already reported the same text, at any location: probably the same
    form sent again. None without a key, as from programs. Raises Invalid."""
    if not key:
        return None
    key = clean_text("Idempotency-Key", key, limit=MAX_KEY_LENGTH)
    same = form_reports(by).filter(ticket__description=clean_text("description", description))
    # One statement: between two, a double click under this key could become a report.
    return same.exclude(Exists(same.filter(key=key).order_by())).first()


def store_response(*, by: Caller, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body of the first response under this key: stored for replays, in the request's transaction.

    A ticket made by a form has no stored response, and may be closed by now. Raises Hidden.
    """
    row = IdempotencyKey.objects.select_related("ticket").get(session=by.session, key=key.strip())
    if row.answer is None:
        if row.ticket is None or not can_see(by, row.ticket):
            raise Hidden
        row.answer = body
        row.save(update_fields=["answer"])
    return row.answer
