"""Rows: an analysis and its charts."""

import uuid
from datetime import timedelta
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Now

from analytics_gateway.verbatim_json import VerbatimJSONField
from analytics_workers.catalogue import SERVICES
from common.analysis_messages import AnalysisResult
from common.json_logging import current_request_id
from common.roles import ROLE_CHOICES, Role

MAX_ATTEMPTS = 3
DAMAGED = "The stored result is unreadable; run it again."


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
    DRAWING = "drawing", "Drawing the chart"


NO_PHASE: dict[str, Any] = {"phase": "", "percent": None}
FINAL_STATES = [State.DONE, State.FAILED, State.EXPIRED, State.CANCELLED]
STATE_TRANSITIONS = [
    (State.QUEUED, State.RUNNING),
    (State.QUEUED, State.EXPIRED),
    (State.QUEUED, State.CANCELLED),
    (State.RUNNING, State.QUEUED),
    (State.RUNNING, State.DONE),
    (State.RUNNING, State.FAILED),
    (State.RUNNING, State.CANCELLED),
]


PROTECT_FINAL = [
    *("service", "params", "time_zone", "asked_by_role", "asked_by_name", "asked_in", "request_id", "state"),
    *("phase", "percent", "attempts", "reason", "requested_at", "queued_at", "published_at", "started_at"),
    *("lease_until", "finished_at", "data_token", "result"),
]


def campus_time_zone() -> str:
    return settings.CAMPUS_TIME_ZONE


def service_title(service: str) -> str:
    """The title of a service; its bare name if it is no longer offered."""
    definition = SERVICES.get(service)
    return definition.title if definition else service


def is_valid_result(result: Any) -> bool:
    """Whether shape and checksum are right."""
    try:
        AnalysisResult.read(result)
    except ValueError:
        return False
    return True


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def queued(self) -> "AnalysisQuerySet":
        return self.filter(state=State.QUEUED)

    def running(self) -> "AnalysisQuerySet":
        return self.filter(state=State.RUNNING)

    def unfinished(self) -> "AnalysisQuerySet":
        return self.exclude(state__in=FINAL_STATES)

    def done(self) -> "AnalysisQuerySet":
        return self.filter(state=State.DONE)

    def equal_to(self, service: Any, params: Any) -> "AnalysisQuerySet":
        """Equal requests in today's campus time zone: in another zone months contain other tickets."""
        return self.filter(service=service, params=params, time_zone=campus_time_zone())

    def attempted(self, attempt: int) -> "AnalysisQuerySet":
        """Running attempt number `attempt`: the only rows that a service's report may change."""
        return self.running().filter(attempts=attempt)

    def without_results(self) -> "AnalysisQuerySet":
        """For lists: without the results, with the slot if a schedule requested it."""
        return self.defer("result").select_related("report_run")

    def with_queue_position(self) -> "AnalysisQuerySet":
        """With `waiting_before`: how many wait in the same queue before it; None if it is not waiting."""
        earlier = Q(queued_at__lt=OuterRef("queued_at"))
        tied = Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
        ahead = Analysis.objects.queued().filter(earlier | tied, service=OuterRef("service")).order_by()
        count = Subquery(ahead.values("service").annotate(count=Count("pk")).values("count"))
        return self.annotate(waiting_before=Case(When(state=State.QUEUED, then=Coalesce(count, 0))))

    def last_done(self) -> dict[str, "Analysis"]:
        """The newest result of each service, with `finished_at` only; services without one are left out."""
        newest = self.done().order_by("service", "-finished_at").distinct("service")
        return {analysis.service: analysis for analysis in newest.only("service", "finished_at", "state")}


class Analysis(models.Model):
    """One request and, in the end, its result. Its charts are in a row of their own, so that lists do not
    read them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    time_zone = models.CharField(
        "campus time zone in which it counts",
        max_length=64,
        blank=True,
        default=campus_time_zone,
        db_default="",  # what an early release writes; the first start fills it in
        editable=False,
    )
    asked_by_role = models.CharField(max_length=10, choices=ROLE_CHOICES)
    asked_by_name = models.CharField(max_length=80, blank=True)
    asked_in = models.CharField("session that requested it", max_length=64, blank=True)
    request_id = models.CharField(
        max_length=64, blank=True, default=current_request_id, db_default="", editable=False
    )
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
    result = VerbatimJSONField(null=True)

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
            models.CheckConstraint(condition=Q(asked_by_role__in=list(Role)), name="analysis_role"),
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
                condition=Q(state__in=FINAL_STATES, finished_at__isnull=False)
                | (~Q(state__in=FINAL_STATES) & Q(finished_at__isnull=True)),
                name="analysis_final_iff_finished_at",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="analysis_moves",
                field="state",
                transitions=[(a.value, b.value) for a, b in STATE_TRANSITIONS],
            ),
            pgtrigger.Protect(
                name="analysis_final_stands",
                # Only `is_for_pin` may still change: a person can request what a pin has requested.
                operation=pgtrigger.UpdateOf(*PROTECT_FINAL),
                condition=pgtrigger.Q(old__state__in=[state.value for state in FINAL_STATES]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.state}"

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> Self:
        """If the stored result is damaged, the analysis reads as failed everywhere."""
        analysis = super().from_db(db, field_names, values, **options)
        if "result" in field_names and analysis.is_done and not is_valid_result(analysis.result):
            analysis.state, analysis.result, analysis.reason = State.FAILED, None, DAMAGED
        return analysis

    @property
    def title(self) -> str:
        return service_title(self.service)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

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
    """The chart of a result, in two formats."""

    analysis = models.OneToOneField(
        Analysis, on_delete=models.CASCADE, primary_key=True, related_name="chart"
    )
    svg = models.TextField()
    png = models.BinaryField()

    def __str__(self) -> str:
        return f"Charts of {self.analysis_id}"
