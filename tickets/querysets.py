"""The queries of the tickets' manager."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, OuterRef, Subquery, Value, When

from tickets.access import visible_to
from tickets.following.models import Follower
from tickets.index_expressions import Lifetime
from tickets.lifecycle import Status
from tickets.search import Hits
from tickets.search_expressions import Matches, MatchesUnindexed, is_any_of
from tickets.search_index import TicketSearch

if TYPE_CHECKING:
    from tickets.models import Ticket  # noqa: F401  # in quotes below


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, role: str) -> "TicketQuerySet":
        return self.filter(visible_to(role))

    def followed_by(self, browser: str) -> "TicketQuerySet":
        """Those that a browser reported or follows; none without a browser."""
        return self.filter(pk__in=Follower.objects.filter(browser=browser).values("ticket"))

    def unresolved(self) -> "TicketQuerySet":
        return self.exclude(status=Status.CLOSED)

    def unresolved_at(self, moment: datetime) -> "TicketQuerySet":
        """Those that were unresolved just before that moment. Of many, the newest are found first."""
        rows = self.alias(lifetime=Lifetime("opened_at", "closed_at"))
        return rows.filter(opened_at__lt=moment, lifetime__contains=moment)  # type: ignore[misc]  # a range

    def matching(self, hits: Hits) -> "TicketQuerySet":
        """The hits of a search. Annotates `rank`, highest first, unless there are too many for ranking."""
        if hits.scan_query:
            rows = TicketSearch.objects.filter(ticket=OuterRef("pk"))
            return self.filter(Subquery(rows.values(found=Matches(F("vector"), Value(hits.scan_query)))))
        if not any(hits.tiers):
            return self.annotate(rank=Value(0)).none()
        best_first = [When(is_any_of(tier), then=Value(-n)) for n, tier in enumerate(hits.tiers) if tier]
        lowest = Value(-len(hits.tiers))
        rank = (
            Case(*best_first, default=lowest, output_field=models.IntegerField())
            if best_first[1:]
            else lowest
        )
        ids = {pk for tier in hits.tiers for pk in tier}
        return self.annotate(rank=rank).filter(is_any_of(sorted(ids)))

    def some_matching(self, hits: Hits, limit: int) -> "TicketQuerySet":
        """At most this many of the hits, in no particular order."""
        if hits.known_ids:
            return self.filter(is_any_of(hits.known_ids[:limit]))
        lookup = MatchesUnindexed if hits.is_dense else Matches
        rows = TicketSearch.objects.filter(lookup(F("vector"), Value(hits.scan_query)))
        newest_first = rows.order_by("-ticket") if hits.is_dense else rows
        return self.filter(pk__in=newest_first.values("ticket")[:limit])
