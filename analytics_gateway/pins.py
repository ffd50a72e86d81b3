"""Pins: the analyses that the desk always shows. They belong to the desk, not to a person.

A pin requests at most one update per minute, however often the desk is opened, so it never fills the queue.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from analytics_gateway.access import require_analyst
from analytics_gateway.actions import clean_request, request_analysis
from analytics_gateway.errors import TooManyPins, TooManyWaiting
from analytics_gateway.models import Analysis, Pin, PinQuerySet
from common.errors import Invalid
from common.roles import Caller
from django_common.advisory_locks import AdvisoryLock, take_lock

MAX_PINS = 6  # as many as fit into one row of the page
REFRESH_INTERVAL = timedelta(seconds=60)


def pin_analysis(service: str, params: dict[str, Any], *, by: Caller) -> Pin:
    """Pins a request; an equal pin is returned instead. Raises NotAllowed, Invalid, TooManyPins."""
    require_analyst(by)
    cleaned = clean_request(service, params)
    with transaction.atomic():
        take_lock(AdvisoryLock.PINS)
        pinned = Pin.objects.filter(service=service, params=cleaned).first()
        if pinned:
            return pinned
        if Pin.objects.count() >= MAX_PINS:
            raise TooManyPins(f"{MAX_PINS} analyses are already pinned. Unpin one that is no longer needed.")
        return Pin.objects.create(service=service, params=cleaned, pinned_by_name=by.name)


def unpin(pin: Pin, *, by: Caller) -> None:
    """Its updates are deleted a day after their end, like those of any pin. Raises NotAllowed."""
    require_analyst(by)
    pin.delete()


def refresh_pins(*, by: Caller) -> list[Analysis]:
    """Requests an update for each pin whose last one has ended and is older than a minute. Returns the
    analyses.

    A full queue or a missing service leaves a pin with its last result. All are requested in one transaction:
    if the database fails, none is. Raises NotAllowed.
    """
    require_analyst(by)
    analyses = []
    with transaction.atomic():
        for pin in find_stale():
            with suppress(Invalid, TooManyWaiting):
                analyses.append(request_analysis(pin.service, pin.params, by=by, is_for_pin=True))
    return analyses


def find_stale() -> PinQuerySet:
    """The pins without an unfinished update and without one in the last minute."""
    equal_requests = Analysis.objects.equal_to(OuterRef("service"), OuterRef("params"))
    recent = Q(requested_at__gt=Now() - REFRESH_INTERVAL)
    return Pin.objects.exclude(Exists(equal_requests.unfinished())).exclude(
        Exists(equal_requests.filter(recent))
    )
