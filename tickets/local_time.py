"""The campus clock for the database, made of Python's calendar.

The database has a calendar of its own, and of its own age: where a law has changed, it may cut an hour or a
month elsewhere than the pages and the analyses do, which count with Python's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, F, Func, IntegerField, Q, Value

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
# Wider than the moments that a ticket may have.
BEGINNING, END = datetime(1890, 1, 1, tzinfo=UTC), datetime(2110, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def list_offsets(zone: str) -> list[tuple[datetime, timedelta]]:
    """Each offset from UTC, with the moment from which on it holds."""
    clock = ZoneInfo(zone)
    known = [(BEGINNING, read_offset(clock, BEGINNING))]
    for number in range((END - BEGINNING) // DAY):
        evening = BEGINNING + (number + 1) * DAY
        if (offset := read_offset(clock, evening)) != known[-1][1]:
            known.append((find_change(clock, evening - DAY), offset))
    return known


def read_offset(clock: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()


def find_change(clock: ZoneInfo, start: datetime) -> datetime:
    """The second at which the offset changes within the day after `start`."""
    before, low, high = read_offset(clock, start), 0, DAY // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if read_offset(clock, start + middle * SECOND) == before:
            low = middle
        else:
            high = middle
    return start + high * SECOND


def find_spans(zone: str, first: datetime | None, end: datetime | None) -> list[tuple[datetime, datetime]]:
    """When the zone's clock shows `first` or later and less than `end` (both without a zone): one span of
    moments without its end, or more where the clock is set back over one of them."""
    offsets = list_offsets(zone)
    spans: list[tuple[datetime, datetime]] = []
    for (start, offset), stop in zip(offsets, [*(start for start, _ in offsets[1:]), END], strict=True):
        low = max(start, (first - offset).replace(tzinfo=UTC)) if first else start
        high = min(stop, (end - offset).replace(tzinfo=UTC)) if end else stop
        if low < high and spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], high)
        elif low < high:
            spans.append((low, high))
    return spans


def within(field: str, spans: list[tuple[datetime, datetime]]) -> Q:
    inside = Q(pk__in=[])
    for start, end in spans:
        inside |= Q(**{f"{field}__gte": start, f"{field}__lt": end})
    return inside


def place_among(field: str, starts: Sequence[datetime]) -> Func:
    """How many of the ascending `starts` a moment has reached: 0 lies before the first."""
    moments = Value(list(starts), output_field=ArrayField(DateTimeField()))
    return Func(F(field), moments, function="width_bucket", output_field=IntegerField())


def clock_part(part: str, field: str, zone: str) -> Func:
    """A part of what the zone's clock shows at a moment (hour, isodow), as a whole number."""
    starts, offsets = zip(*list_offsets(zone), strict=True)
    seconds = [offset // SECOND for offset in offsets]
    values, place = Value(seconds, output_field=ArrayField(IntegerField())), place_among(field, starts)
    offset = Func(values, place, template="(%(expressions)s]", arg_joiner=")[", output_field=IntegerField())
    shown = "timezone('UTC', %(expressions)s * interval '1 second')"
    template = f"extract({part} FROM {shown})::int"
    return Func(F(field), offset, template=template, arg_joiner=" + ", output_field=IntegerField())
