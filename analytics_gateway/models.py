"""Rows: an analysis and its pictures, a schedule and its runs, a pin."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Now

from analytics_gateway import schedules
from analytics_gateway.exact import ExactJSON
from analytics_workers.contract import CARDS
from tickets.access import Role

MAX_ATTEMPTS = 3


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class Phase(models.TextChoices):
    FETCHING = "fetching", "Reading the tickets"
    COMPUTING = "computing", "Computing"
    DRAWING = "drawing", "Drawing the picture"


NO_PHASE: dict[str, Any] = {"phase": "", "percent": None}
FINAL = [State.DONE, State.FAILED, State.EXPIRED, State.CANCELLED]
MOVES = [
    (State.QUEUED, State.RUNNING),
    (State.QUEUED, State.EXPIRED),
    (State.QUEUED, State.CANCELLED),
    (State.RUNNING, State.QUEUED),
    (State.RUNNING, State.DONE),
    (State.RUNNING, State.FAILED),
    (State.RUNNING, State.CANCELLED),
]


def title_of(service: str) -> str:
    """What a service calls itself; its bare name where it is no longer offered."""
    card = CARDS.get(service)
    return card.title if card else service


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def queued(self) -> "AnalysisQuerySet":
        return self.filter(state=State.QUEUED)

    def running(self) -> "AnalysisQuerySet":
        return self.filter(state=State.RUNNING)

    def unfinished(self) -> "AnalysisQuerySet":
        return self.exclude(state__in=FINAL)

    def done(self) -> "AnalysisQuerySet":
        return self.filter(state=State.DONE)

    def attempted(self, attempt: int) -> "AnalysisQuerySet":
        """Running its attempt number `attempt`: the only rows that a service's report may change."""
        return self.running().filter(attempts=attempt)

    def light(self) -> "AnalysisQuerySet":
        """For lists: without the results, with the slot where a schedule asked."""
        return self.defer("result").select_related("report_run")

    def placed(self) -> "AnalysisQuerySet":
        """With `waiting_before`: how many wait in the same queue before it; None where it does not wait."""
        earlier = Q(queued_at__lt=OuterRef("queued_at"))
        tied = Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
        before = Analysis.objects.queued().filter(earlier | tied, service=OuterRef("service")).order_by()
        count = Subquery(before.values("service").annotate(count=Count("pk")).values("count"))
        return self.annotate(waiting_before=Case(When(state=State.QUEUED, then=Coalesce(count, 0))))

    def last_done_at(self) -> dict[str, datetime]:
        """The moment of the newest result, by service; a service without one is not in it."""
        rows = self.done().order_by().values_list("service").annotate(models.Max("finished_at"))
        return dict(rows)


class Analysis(models.Model):
    """One request and, in the end, its result. Its pictures are in a row of their own: lists stay light."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    asked_by_role = models.CharField(max_length=10, choices=Role.choices)
    asked_by_name = models.CharField(max_length=80, blank=True)
    asked_in = models.CharField("session that asked", max_length=64, blank=True)
    is_for_pin = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    phase = models.CharField(max_length=10, choices=Phase.choices, blank=True)
    percent = models.PositiveSmallIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)

    requested_at = models.DateTimeField(db_default=Now())
    queued_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    data_token = models.BigIntegerField(null=True, editable=False)
    result = ExactJSON(null=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name_plural = "analyses"
        indexes = [
            models.Index(fields=["requested_at", "id"], name="analysis_by_request"),
            models.Index(fields=["service", "finished_at"], name="analysis_by_service"),
            models.Index(
                fields=["queued_at"],
                condition=Q(state__in=[State.QUEUED, State.RUNNING]),
                name="analysis_unfinished",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="analysis_state"),
            models.CheckConstraint(condition=Q(asked_by_role__in=Role.values), name="analysis_role"),
            models.CheckConstraint(condition=Q(attempts__lte=MAX_ATTEMPTS), name="analysis_attempts"),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(phase=Phase.FETCHING, percent__lte=100),
                name="analysis_percent",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease_until__isnull=True)),
                name="analysis_running_iff_leased",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DONE, result__isnull=False)
                | (~Q(state=State.DONE) & Q(result__isnull=True)),
                name="analysis_done_iff_result",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FINAL, finished_at__isnull=False)
                | (~Q(state__in=FINAL) & Q(finished_at__isnull=True)),
                name="analysis_final_iff_finished_at",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="analysis_moves", field="state", transitions=[(a.value, b.value) for a, b in MOVES]
            ),
            pgtrigger.Protect(
                name="analysis_final_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[state.value for state in FINAL]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.state}"

    @property
    def title(self) -> str:
        return title_of(self.service)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_done(self) -> bool:
        return self.state == State.DONE

    @property
    def seconds_taken(self) -> float | None:
        """From the start of the last attempt to its end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at) / timedelta(seconds=1)


class AnalysisChart(models.Model):
    """The two pictures of a result."""

    analysis = models.OneToOneField(
        Analysis, on_delete=models.CASCADE, primary_key=True, related_name="chart"
    )
    svg = models.TextField()
    png = models.BinaryField()

    def __str__(self) -> str:
        return f"Pictures of {self.analysis_id}"


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def kept(self) -> "ReportScheduleQuerySet":
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def active(self) -> "ReportScheduleQuerySet":
        """Neither deleted nor paused: its slots become due."""
        return self.kept().filter(paused_at__isnull=True)


class ReportSchedule(models.Model):
    """An analysis that is asked for again and again, at an hour of campus time.

    Slots after `counts_from` are due: its creation, or when it was last resumed. A deleted schedule stays
    as a row, so that the reports it made still say which slot of which schedule they are.
    """

    service = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    cadence = models.CharField(max_length=10, choices=schedules.Cadence.choices)
    weekday = models.PositiveSmallIntegerField(null=True, choices=schedules.WEEKDAYS)
    day_of_month = models.PositiveSmallIntegerField(null=True)
    hour = models.PositiveSmallIntegerField()

    asked_by_role = models.CharField(max_length=10, choices=Role.choices)
    asked_by_name = models.CharField(max_length=80, blank=True)
    asked_in = models.CharField("session that asked", max_length=64, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    counts_from = models.DateTimeField(db_default=Now())
    paused_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=schedules.LAST_HOUR), name="schedule_hour"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | Q(weekday__lte=schedules.LAST_WEEKDAY),
                name="schedule_weekday",
            ),
            models.CheckConstraint(
                condition=Q(day_of_month__isnull=True)
                | Q(day_of_month__range=(1, schedules.LAST_DAY_OF_MONTH)),
                name="schedule_day_of_month",
            ),
            models.CheckConstraint(
                condition=Q(cadence="daily", weekday__isnull=True, day_of_month__isnull=True)
                | Q(cadence="weekly", weekday__isnull=False, day_of_month__isnull=True)
                | Q(cadence="monthly", weekday__isnull=True, day_of_month__isnull=False),
                name="schedule_cadence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.timing.in_words()}: {self.title}"

    @property
    def title(self) -> str:
        return title_of(self.service)

    @property
    def timing(self) -> schedules.Timing:
        return schedules.Timing(self.cadence, self.hour, self.weekday, self.day_of_month)

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    def next_slots(self, count: int, after: datetime) -> list[datetime]:
        """The next moments at which it runs; none while it is paused."""
        if self.is_paused:
            return []
        return schedules.next_slots(self.timing, after, count, settings.CAMPUS_TIME_ZONE)


class ReportRun(models.Model):
    """One slot of one schedule and the analysis made for it: the unique row decides who makes it."""

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.PROTECT, related_name="runs")
    slot = models.DateTimeField()
    analysis = models.OneToOneField(Analysis, on_delete=models.PROTECT, related_name="report_run")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-slot"]
        constraints = [models.UniqueConstraint(fields=["schedule", "slot"], name="one_run_a_slot")]

    def __str__(self) -> str:
        return f"Schedule {self.schedule_id}, {self.slot:%Y-%m-%d %H:%M} UTC"


class PinQuerySet(models.QuerySet["Pin"]):
    def of(self, analysis: Analysis) -> "PinQuerySet":
        """The pin that asks the same as this analysis: one or none."""
        return self.filter(service=analysis.service, params=analysis.params)

    def answered(self) -> "PinQuerySet":
        """With `newest_id`, the analysis last asked for, and `done_id`, the last that has a result."""
        same = Analysis.objects.filter(service=OuterRef("service"), params=OuterRef("params"))
        done = same.done().order_by("-finished_at")
        return self.annotate(newest_id=first_id(same), done_id=first_id(done))


def first_id(rows: AnalysisQuerySet) -> Subquery:
    return Subquery(rows.values("pk")[:1])


class Pin(models.Model):
    """A question that the desk always wants answered: a service and its parameters, for all staff alike."""

    newest_id: uuid.UUID | None  # both are there where `answered` asked for them
    done_id: uuid.UUID | None

    service = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    pinned_by_name = models.CharField(max_length=80, blank=True)
    pinned_at = models.DateTimeField(db_default=Now())

    objects = PinQuerySet.as_manager()

    class Meta:
        ordering = ["pinned_at", "id"]
        constraints = [models.UniqueConstraint(fields=["service", "params"], name="one_pin_a_question")]

    def __str__(self) -> str:
        return f"Pinned: {self.title}"

    @property
    def title(self) -> str:
        return title_of(self.service)
