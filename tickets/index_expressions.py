"""Index expressions: computed from a ticket's row alone, so that they stay correct."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func, SmallIntegerField


class UTCHourOfWeek(Func):
    """0 (Monday, midnight) to 167. Unlike the campus time zone, it depends on no setting."""

    shown = "timezone('UTC', %(expressions)s)"
    template = f"((date_part('isodow', {shown}) - 1) * 24 + date_part('hour', {shown}))::smallint"
    output_field = SmallIntegerField()


class Lifetime(Func):
    """The range from a ticket's opening (exclusive) to its closing, or without end."""

    template = "tstzrange(%(expressions)s, '(]')"
    output_field = DateTimeRangeField()
