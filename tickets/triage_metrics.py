"""What people made of the machine's filing, counted: of each ticket the machine's word and the last word."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    TextChoices,
    Value,
    When,
)

from tickets.local_time import place_among
from tickets.models import Correction, ModelOrigin, Source, Ticket, TicketQuerySet, TriageModel

WEEK = timedelta(days=7)


class Outcome(TextChoices):
    """What became of a ticket that the machine has filed. The last person's word counts."""

    KEPT = "kept", "Not looked at"
    CONFIRMED = "confirmed", "Confirmed by a person"
    CHANGED = "changed", "Changed by a person"


@dataclass(frozen=True)
class Filed:
    """So many tickets of one week (0: the first) that the machine filed as `machine` and that stand under
    `category` now. is_doubtful: the machine asked for a check."""

    week: int
    machine: str
    category: str
    outcome: Outcome
    is_doubtful: bool
    count: int


def find_mondays(count: int, now: datetime, zone: str) -> list[date]:
    """The Mondays of the last weeks on the zone's calendar, oldest first; the present week is the last."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - WEEK * back for back in reversed(range(count))]


def with_outcome(tickets: TicketQuerySet, outcomes: Collection[str] = tuple(Outcome)) -> TicketQuerySet:
    """The tickets that the machine has filed and of which one of these became; aliases `filed_as` (the
    machine's word) and `outcome`.

    A person's word replaces the machine's in the row; the first correction still names it. A ticket that was
    imported with its category was never the machine's. The source, which an index knows, follows from the
    outcome.
    """
    sources = {Source.MACHINE if outcome == Outcome.KEPT else Source.PERSON for outcome in outcomes}
    first = Correction.objects.filter(ticket=OuterRef("pk")).order_by("id").values("old")[:1]
    by_machine = Q(category_source=Source.MACHINE)
    filed_as = Case(When(by_machine, then=F("category")), default=Subquery(first), output_field=CharField())
    outcome = Case(
        When(by_machine, then=Value(Outcome.KEPT.value)),
        When(filed_as=F("category"), then=Value(Outcome.CONFIRMED.value)),
        default=Value(Outcome.CHANGED.value),
        output_field=CharField(),
    )
    filed = tickets.exclude(triage_model="").filter(category_source__in=sources)
    found = filed.alias(filed_as=filed_as, outcome=outcome).filter(filed_as__isnull=False)
    return found if set(outcomes) == set(Outcome) else found.filter(outcome__in=outcomes)


def count_filed(mondays: list[date], zone: str, review_below: float) -> list[Filed]:
    """The tickets opened since the first Monday in groups: one statement.

    review_below: the confidence under which the machine asks for a check. A person's word takes the ticket's
    own mark away, so of a ticket that was looked at the confidence tells it.
    """
    starts = [datetime.combine(monday, time.min, ZoneInfo(zone)) for monday in mondays]
    week = place_among("opened_at", starts) - 1
    doubt = Q(needs_review=True) | Q(category_source=Source.PERSON, triage_confidence__lt=review_below)
    groups = (
        with_outcome(Ticket.objects.filter(opened_at__gte=starts[0]).order_by())
        .annotate(week=week, is_doubtful=Case(When(doubt, then=Value(True)), default=Value(False)))
        .annotate(filed_as=F("filed_as"), outcome=F("outcome"))
        .values_list("week", "filed_as", "category", "outcome", "is_doubtful")
        .annotate(count=Count("*"))
    )
    return [
        Filed(number, machine, category, Outcome(outcome), is_doubtful, count)
        for number, machine, category, outcome, is_doubtful, count in groups
    ]


def list_versions(most: int) -> list[TriageModel]:
    """The newest versions, newest first, without their bytes; the active and the shipped ones at any age."""
    newest = TriageModel.objects.order_by("-id").values("pk")[:most]
    wanted = Q(pk__in=newest) | Q(is_active=True) | Q(made_by=ModelOrigin.SHIPPED)
    return list(TriageModel.objects.filter(wanted).defer("raw").order_by("-id"))
