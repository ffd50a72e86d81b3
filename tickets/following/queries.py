"""What a browser follows, and what is new about it."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from common.roles import Caller
from tickets.following.models import Follower
from tickets.models import Ticket


def find_followed(tickets: Iterable[Ticket], *, by: Caller) -> dict[int, Follower]:
    """By ticket id: of these tickets the ones that the caller's browser follows."""
    if not by.browser:
        return {}
    rows = Follower.objects.filter(browser=by.browser, ticket__in=[ticket.pk for ticket in tickets])
    return {row.ticket_id: row for row in rows}


def find_news(caller: Caller) -> QuerySet[Follower]:
    """What the caller's browser follows, may be seen and has changed since the browser last showed it, the
    newest change first."""
    if not caller.browser:
        return Follower.objects.none()
    followed = Follower.objects.filter(browser=caller.browser).select_related("ticket")
    visible = followed.filter(ticket__in=Ticket.objects.visible_to(caller.role))
    return visible.filter(ticket__modified_at__gt=F("seen_at")).order_by("-ticket__modified_at", "-ticket")
