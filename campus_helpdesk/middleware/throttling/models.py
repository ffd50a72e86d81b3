"""Rows: how often an action was done in the last minute."""

from django.db import models


class RateWindow(models.Model):
    """One minute of one action, by one session or from one address. key: a pseudonym of both."""

    key = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    most = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="rate_by_start")]

    def __str__(self) -> str:
        return f"{self.count} of {self.most} since {self.started_at:%H:%M:%S} UTC"
