"""How triage's categories compare with people's: its choice and the last one of each ticket, counted."""

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

from tickets.local_time import bucket_index
from tickets.models import Correction, ModelOrigin, Source, Ticket, TriageModel
from tickets.querysets import TicketQuerySet

WEEK = timedelta(days=7)


class Outcome(TextChoices):
    """What people did with triage's choice. The last correction counts."""

    UNCHECKED = "kept", "Not checked"
    CONFIRMED = "confirmed", "Confirmed by a person"
    CHANGED = "changed", "Changed by a person"


@dataclass(frozen=True)
class TriageGroup:
    """How many tickets of one week (0: the first) triage put into `machine` that are in `category` now.
    needed_review: triage was unsure."""

    week: int
    machine: str
    category: str
    outcome: Outcome
    needed_review: bool
    count: int


def find_mondays(count: int, now: datetime, zone: str) -> list[date]:
    """The Mondays of the last weeks in the zone, oldest first; the current week is the last."""
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - WEEK * back for back in reversed(range(count))]


def with_outcome(tickets: TicketQuerySet, outcomes: Collection[str] = tuple(Outcome)) -> TicketQuerySet:
    """The tickets that triage has categorised and whose outcome is one of these; annotates `filed_as`
    (triage's choice) and `outcome`.

    A person's choice replaces triage's in the row; the first correction still names it. A ticket imported
    with its category is left out. The source, which is indexed, follows from the outcome.
    """
    sources = {Source.MACHINE if outcome == Outcome.UNCHECKED else Source.PERSON for outcome in outcomes}
    first = Correction.objects.filter(ticket=OuterRef("pk")).order_by("id").values("old")[:1]
    by_machine = Q(category_source=Source.MACHINE)
    filed_as = Case(When(by_machine, then=F("category")), default=Subquery(first), output_field=CharField())
    outcome = Case(
        When(by_machine, then=Value(Outcome.UNCHECKED.value)),
        When(filed_as=F("category"), then=Value(Outcome.CONFIRMED.value)),
        default=Value(Outcome.CHANGED.value),
        output_field=CharField(),
    )
    filed = tickets.exclude(triage_model="").filter(category_source__in=sources)
    found = filed.alias(filed_as=filed_as, outcome=outcome).filter(filed_as__isnull=False)
    return found if set(outcomes) == set(Outcome) else found.filter(outcome__in=outcomes)


def count_outcomes(mondays: list[date], zone: str, review_below: float) -> list[TriageGroup]:
    """The tickets opened since the first Monday in groups, with one statement.

    review_below: the confidence below which triage is unsure. A person's choice clears the ticket's own mark,
    so for checked tickets the confidence is used.
    """
    starts = [datetime.combine(monday, time.min, ZoneInfo(zone)) for monday in mondays]
    week = bucket_index("opened_at", starts) - 1
    was_unsure = Q(needs_review=True) | Q(category_source=Source.PERSON, triage_confidence__lt=review_below)
    groups = (
        with_outcome(Ticket.objects.filter(opened_at__gte=starts[0]).order_by())
        .annotate(week=week, needed_review=Case(When(was_unsure, then=Value(True)), default=Value(False)))
        .annotate(filed_as=F("filed_as"), outcome=F("outcome"))
        .values_list("week", "filed_as", "category", "outcome", "needed_review")
        .annotate(count=Count("*"))
    )
    return [
        TriageGroup(number, machine, category, Outcome(outcome), needed_review, count)
        for number, machine, category, outcome, needed_review, count in groups
    ]


def list_versions(limit: int) -> list[TriageModel]:
    """The newest versions, newest first, without their bytes; the active and the shipped ones whatever their
    age."""
    newest = TriageModel.objects.order_by("-id").values("pk")[:limit]
    wanted = Q(pk__in=newest) | Q(is_active=True) | Q(made_by=ModelOrigin.SHIPPED)
    return list(TriageModel.objects.filter(wanted).defer("raw").order_by("-id"))
