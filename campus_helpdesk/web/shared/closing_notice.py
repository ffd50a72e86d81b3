"""Tells a page that was showing a ticket when it was closed that it was, and when; no other page learns it.

A page gets a token with its ticket. The token is valid for that ticket, session and role only.
"""

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from common.roles import Caller
from tickets.lifecycle import Status
from tickets.models import Ticket

signer = TimestampSigner(salt="a page that shows a ticket")


def make_page_token(caller: Caller, pk: int) -> str:
    """Proof that this caller's page shows this ticket now; it reveals neither."""
    subject = token_subject(caller, pk)
    return signer.sign(subject).removeprefix(f"{subject}:")


def find_closed(caller: Caller, pk: int, token: str) -> Ticket | None:
    """The closed ticket that this caller's page has shown; None without valid proof."""
    try:
        signer.unsign(f"{token_subject(caller, pk)}:{token}", max_age=settings.SESSION_COOKIE_AGE)
    except BadSignature:
        return None
    return Ticket.objects.filter(pk=pk, status=Status.CLOSED).only("closed_at").first()


def token_subject(caller: Caller, pk: int) -> str:
    return f"{pk}:{caller.session}:{caller.role}"
