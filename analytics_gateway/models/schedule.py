"""Rows: a schedule and its runs."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from analytics_gateway.models.analysis import Analysis, service_title
from analytics_gateway.recurrence import (
    LAST_DAY_OF_MONTH,
    LAST_HOUR,
    LAST_WEEKDAY,
    WEEKDAYS,
    Cadence,
    Recurrence,
    next_slots,
)
from common.roles import ROLE_CHOICES


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def not_deleted(self) -> "ReportScheduleQuerySet":
        return self.filter(deleted_at__isnull=True)

    def active(self) -> "ReportScheduleQuerySet":
        """Neither deleted nor paused: its slots become due."""
        return self.not_deleted().filter(paused_at__isnull=True)


class ReportSchedule(models.Model):
    """An analysis that is requested regularly, at an hour of campus time.

    Slots after `counts_from`, its creation or last resumption, become due. A deleted schedule stays as a row,
    so that its reports still show which slot of which schedule they belong to.
    """

    service = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    cadence = models.CharField(max_length=10, choices=Cadence.choices)
    weekday = models.PositiveSmallIntegerField(null=True, choices=WEEKDAYS)
    day_of_month = models.PositiveSmallIntegerField(null=True)
    hour = models.PositiveSmallIntegerField()

    asked_by_role = models.CharField(max_length=10, choices=ROLE_CHOICES)
    asked_by_name = models.CharField(max_length=80, blank=True)
    asked_in = models.CharField("session that requested it", max_length=64, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    counts_from = models.DateTimeField(db_default=Now())
    paused_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(hour__lte=LAST_HOUR), name="schedule_hour"),
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | Q(weekday__lte=LAST_WEEKDAY),
                name="schedule_weekday",
            ),
            models.CheckConstraint(
                condition=Q(day_of_month__isnull=True) | Q(day_of_month__range=(1, LAST_DAY_OF_MONTH)),
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
        return f"{self.recurrence.describe()}: {self.title}"

    @property
    def title(self) -> str:
        return service_title(self.service)

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(self.cadence, self.hour, self.weekday, self.day_of_month)

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    def next_slots(self, count: int, after: datetime) -> list[datetime]:
        """The next times at which it runs; none while it is paused."""
        if self.is_paused:
            return []
        return next_slots(self.recurrence, after, count, settings.CAMPUS_TIME_ZONE)


class ReportRun(models.Model):
    """One slot of one schedule and its analysis: the unique row decides which process makes it."""

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.PROTECT, related_name="runs")
    slot = models.DateTimeField()
    analysis = models.OneToOneField(Analysis, on_delete=models.PROTECT, related_name="report_run")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-slot"]
        constraints = [models.UniqueConstraint(fields=["schedule", "slot"], name="one_run_a_slot")]

    def __str__(self) -> str:
        return f"Schedule {self.schedule_id}, {self.slot:%Y-%m-%d %H:%M} UTC"
