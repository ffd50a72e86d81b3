"""Rows: which browsers follow a ticket, and why."""

from django.db import models
from django.db.models import Q

from tickets.expressions import StatementNow

DIGEST = r"^[0-9a-f]{64}$"  # SHA-256 in hexadecimal digits


class Reason(models.TextChoices):
    """Why a browser follows a ticket, the strongest reason first."""

    REPORTED = "reported", "You reported it"
    ME_TOO = "me_too", "You have this problem, too"
    FOLLOWED = "followed", "You follow it"

    @property
    def weaker(self) -> list["Reason"]:
        reasons = list(Reason)
        return reasons[reasons.index(self) + 1 :]


class Follower(models.Model):
    """A browser that follows a ticket.

    browser: SHA-256 of its cookie, as in Caller. seen_at: `modified_at` of the ticket when the browser last
    showed it; what changed later is news.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, related_name="followers", db_index=False
    )
    browser = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateTimeField(db_default=StatementNow())
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "browser"], name="follower_once_a_ticket"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="follower_reason"),
            models.CheckConstraint(condition=Q(browser__regex=DIGEST), name="follower_browser_is_digest"),
        ]
        indexes = [models.Index(fields=["browser", "ticket"], name="follower_of_browser")]

    def __str__(self) -> str:
        return f"Ticket {self.ticket_id}: {self.reason}"
