"""Rows: which browsers follow a ticket and why, its secret links, and what their holders say about it."""

import pgtrigger
from django.db import models
from django.db.models import Q

from tickets.expressions import StatementNow, is_clean_text
from tickets.triggers import REPAIRING, mark_change

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

    @property
    def when_merged(self) -> "Reason":
        """The reason on the kept ticket: who reported the duplicate has the kept one's problem, too."""
        return Reason.FOLLOWED if self == Reason.FOLLOWED else Reason.ME_TOO


class Follower(models.Model):
    """A browser that follows a ticket.

    browser: SHA-256 of its cookie, as in Caller. seen_at: `modified_at` of the ticket when the browser last
    showed it; what changed later is news. own_reason: without the tickets that were merged into this one;
    empty if only they brought the browser.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, related_name="followers", db_index=False
    )
    browser = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    own_reason = models.CharField(
        max_length=10, choices=Reason.choices, blank=True, default="", db_default=""
    )
    since = models.DateTimeField(db_default=StatementNow())
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "browser"], name="follower_once_a_ticket"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="follower_reason"),
            models.CheckConstraint(
                condition=Q(own_reason__in=["", *Reason.values]), name="follower_own_reason"
            ),
            models.CheckConstraint(condition=Q(browser__regex=DIGEST), name="follower_browser_is_digest"),
        ]
        indexes = [models.Index(fields=["browser", "ticket"], name="follower_of_browser")]
        # Rows that redaction deletes stay counted; those that a merge brought do not when it is undone.
        triggers = [
            pgtrigger.Trigger(
                name="count_me_too",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("reason"),
                condition=pgtrigger.Condition("NEW.reason = 'me_too'"),
                func="""
                    IF TG_OP = 'INSERT' OR OLD.reason <> NEW.reason THEN
                        UPDATE tickets_ticket SET me_too = me_too + 1 WHERE id = NEW.ticket_id;
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="uncount_me_too",
                when=pgtrigger.After,
                operation=pgtrigger.Delete | pgtrigger.UpdateOf("reason"),
                condition=pgtrigger.Condition(
                    f"OLD.reason = 'me_too' AND current_setting('{REPAIRING}', true) = 'on'"
                ),
                func="""
                    IF TG_OP = 'DELETE' OR OLD.reason <> NEW.reason THEN
                        UPDATE tickets_ticket SET me_too = me_too - 1 WHERE id = OLD.ticket_id;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Ticket {self.ticket_id}: {self.reason}"


class SecretLink(models.Model):
    """A secret link to a ticket, made for a browser that reported or follows it.

    digest: SHA-256 of the secret, which is stored nowhere: the browser's token and `nonce` make it again, so
    that this browser can be shown its link. is_reporters: its holder answers as the reporter and says whether
    the problem is solved.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="secret_links")
    browser = models.CharField(max_length=64, editable=False)
    nonce = models.CharField(max_length=32, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_reporters = models.BooleanField(default=True, db_default=True, editable=False)
    made_at = models.DateTimeField(db_default=StatementNow())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["browser", "ticket"], condition=Q(revoked_at=None), name="one_secret_link_a_browser"
            ),
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="secret_link_is_digest"),
        ]

    def __str__(self) -> str:
        return f"Secret link {self.pk} of ticket {self.ticket_id}"

    @property
    def holder_session(self) -> str:
        """The session in which its holder acts, as in Caller."""
        return f"link:{self.digest[:32]}"


class Feedback(models.Model):
    """Whether a problem is solved, in the words of whoever holds the ticket's secret link; the last one
    stays."""

    ticket = models.OneToOneField(
        "tickets.Ticket", on_delete=models.PROTECT, primary_key=True, related_name="feedback"
    )
    is_solved = models.BooleanField()
    comment = models.TextField(blank=True)
    given_at = models.DateTimeField(db_default=StatementNow())
    changed_xid = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=is_clean_text("comment"), name="feedback_is_clean")]
        indexes = [models.Index(fields=["changed_xid"], name="feedback_by_xid")]
        # A deleted row would leave no change token: the workers would go on counting it.
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete), mark_change()]

    def __str__(self) -> str:
        return f"Ticket {self.ticket_id}: {'solved' if self.is_solved else 'not solved'}"
