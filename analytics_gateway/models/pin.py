"""Rows: a pin."""

import uuid

from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from analytics_gateway.models.analysis import Analysis, AnalysisQuerySet, service_title


class PinQuerySet(models.QuerySet["Pin"]):
    def of(self, analysis: Analysis) -> "PinQuerySet":
        """The pin with the same request as this analysis: one or none."""
        return self.filter(service=analysis.service, params=analysis.params)

    def answered(self) -> "PinQuerySet":
        """With `newest_id`, the analysis requested last, and `done_id`, the last one with a result."""
        same = Analysis.objects.equal_to(OuterRef("service"), OuterRef("params"))
        done = same.done().order_by("-finished_at")
        return self.annotate(newest_id=first_id(same), done_id=first_id(done))


def first_id(rows: AnalysisQuerySet) -> Subquery:
    return Subquery(rows.values("pk")[:1])


class Pin(models.Model):
    """A request whose current result the desk always shows: a service and its parameters, for all staff."""

    newest_id: uuid.UUID | None  # both are set by `answered`
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
        return service_title(self.service)
