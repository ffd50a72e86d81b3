"""What indexes are made of beside columns: computed of a ticket's row alone, so that they stay true."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func, SmallIntegerField


class UTCHourOfWeek(Func):
    """0 (Monday, midnight) to 167. No setting changes it, as the campus time zone would."""

    shown = "timezone('UTC', %(expressions)s)"
    template = f"((date_part('isodow', {shown}) - 1) * 24 + date_part('hour', {shown}))::smallint"
    output_field = SmallIntegerField()


class Lifetime(Func):
    """Of a ticket's opening and closing: from just after the first until the second, or without an end."""

    template = "tstzrange(%(expressions)s, '(]')"
    output_field = DateTimeRangeField()
