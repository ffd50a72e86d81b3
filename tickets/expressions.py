"""SQL expressions of the columns: the database's clock, the audit context, the rule for clean texts."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Length, NullIf
from django.db.models.lookups import Exact, LessThanOrEqual

from django_common.text_validation import MAX_TEXT_LENGTH, SPACES


class StatementNow(models.Func):
    """The database's time at the statement: one time for all columns that it writes."""

    template = "statement_timestamp()"
    output_field = models.DateTimeField()


class SessionSetting(models.Func):
    """A setting of the database session, null if it is not set: holds the audit context."""

    function = "current_setting"
    output_field = models.TextField()


def audit_setting(name: str, default: str) -> Coalesce:
    setting = SessionSetting(models.Value(f"campus.{name}"), models.Value(True))
    return Coalesce(NullIf(setting, models.Value("")), models.Value(default))


def next_moment() -> Greatest:
    """A modified_at that grows strictly, even if the clock goes back."""
    return Greatest(StatementNow(), F("modified_at") + timedelta(microseconds=1))


def is_clean_text(field: str) -> Q:
    """Trimmed and within the limit, as clean_text leaves it."""
    trimmed = models.Func(F(field), models.Value(SPACES), function="btrim", output_field=models.TextField())
    return Q(Exact(F(field), trimmed)) & Q(LessThanOrEqual(Length(field), MAX_TEXT_LENGTH))
