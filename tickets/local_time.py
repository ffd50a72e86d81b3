"""Campus time in the database, computed from Python's time zone data.

The database has its own time zone data, which may be older or newer: after a change of law, hours and months
could differ from those of pages and analyses, which use Python's.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    Value,
    When,
)

from tickets.index_expressions import UTCHourOfWeek
from tickets.querysets import TicketQuerySet

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
HOURS_OF_WEEK = 7 * 24
# Wider than the range of timestamps that a ticket may have.
FIRST_MOMENT, LAST_MOMENT = datetime(1890, 1, 1, tzinfo=UTC), datetime(2110, 1, 1, tzinfo=UTC)
# No offset has ever changed twice within a step: the shortest one lasted four days (Freetown, 1939).
STEP = 3 * DAY


@cache  # there are 600 zones, and scanning one takes long
def list_offsets(zone: str) -> list[tuple[datetime, timedelta]]:
    """Each offset from UTC, with the moment from which it applies."""
    clock = ZoneInfo(zone)
    offsets = [(FIRST_MOMENT, read_offset(clock, FIRST_MOMENT))]
    for number in range((LAST_MOMENT - FIRST_MOMENT) // STEP):
        end = FIRST_MOMENT + (number + 1) * STEP
        if (offset := read_offset(clock, end)) != offsets[-1][1]:
            offsets.append((find_change(clock, end - STEP), offset))
    return offsets


def read_offset(clock: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()


def find_change(clock: ZoneInfo, start: datetime) -> datetime:
    """The second at which the offset changes within the step after `start`."""
    before, low, high = read_offset(clock, start), 0, STEP // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if read_offset(clock, start + middle * SECOND) == before:
            low = middle
        else:
            high = middle
    return start + high * SECOND


def find_spans(zone: str, first: datetime | None, end: datetime | None) -> list[tuple[datetime, datetime]]:
    """When local time is `first` or later and earlier than `end` (both naive): one half-open span, or more if
    the clock is set back within it."""
    offsets = list_offsets(zone)
    spans: list[tuple[datetime, datetime]] = []
    for (start, offset), stop in zip(
        offsets, [*(start for start, _ in offsets[1:]), LAST_MOMENT], strict=True
    ):
        low = max(start, (first - offset).replace(tzinfo=UTC)) if first else start
        high = min(stop, (end - offset).replace(tzinfo=UTC)) if end else stop
        if low < high and spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], high)
        elif low < high:
            spans.append((low, high))
    return spans


def in_any_span(field: str, spans: list[tuple[datetime, datetime]]) -> Q:
    inside = Q(pk__in=[])
    for start, end in spans:
        inside |= Q(**{f"{field}__gte": start, f"{field}__lt": end})
    return inside


def bucket_index(field: str, starts: Sequence[datetime]) -> Func:
    """How many of the ascending `starts` a moment has reached: 0 is before the first."""
    moments = Value(list(starts), output_field=ArrayField(DateTimeField()))
    return Func(F(field), moments, function="width_bucket", output_field=IntegerField())


def list_utc_hours(zone: str, hours: Iterable[int]) -> list[int]:
    """The hours of the week in UTC in which local time may be one of these hours of the week."""
    utc_hours = set()
    for offset in {offset for _, offset in list_offsets(zone)}:
        for hour in hours:
            start = hour * HOUR - offset
            utc_hours |= {
                utc_hour % HOURS_OF_WEEK for utc_hour in range(start // HOUR, -(-(start + HOUR) // HOUR))
            }
    return sorted(utc_hours)


def filter_local_part(
    rows: TicketQuerySet, field: str, zone: str, part: Literal["isodow", "hour"], value: int
) -> TicketQuerySet:
    """The rows whose moment is on this weekday (1: Monday) or in this hour of local time.

    The index finds hours of UTC, some too many if the zone's offset has changed. These are removed with a
    CASE: for an equation the planner would expect five rows in a thousand, for this one half.
    """
    hours = {"isodow": range(24 * value - 24, 24 * value), "hour": range(value, HOURS_OF_WEEK, 24)}[part]
    found = rows.alias(utc_hour=UTCHourOfWeek(field), shown=local_part(part, field, zone))
    is_shown = Case(When(shown=value, then=Value(True)), default=Value(False))
    return found.filter(is_shown, utc_hour__in=list_utc_hours(zone, hours))


def local_part(part: str, field: str, zone: str) -> Func:
    """A part of local time (hour, isodow) of a moment, as an integer."""
    starts, offsets = zip(*list_offsets(zone), strict=True)
    seconds = [offset // SECOND for offset in offsets]
    values, index = Value(seconds, output_field=ArrayField(IntegerField())), bucket_index(field, starts)
    offset = Func(values, index, template="(%(expressions)s]", arg_joiner=")[", output_field=IntegerField())
    shown = "timezone('UTC', %(expressions)s * interval '1 second')"
    template = f"date_part('{part}', {shown})::int"
    return Func(F(field), offset, template=template, arg_joiner=" + ", output_field=IntegerField())
