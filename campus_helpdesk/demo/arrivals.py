"""When reports arrive: spread over days and hours, and in bursts when something breaks."""

import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from campus_helpdesk.demo.academic_calendar import HOURS, is_term, weight

DAY_SECONDS = 86_400


class Span(NamedTuple):
    """The days of the campus, half-open."""

    first: date
    until: date

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.until - self.first).days)]

    def horizon(self) -> datetime:
        """The time at which the campus is shown: nothing happens at or after it."""
        return datetime.combine(self.until, time(), UTC)


def span_before(until: date, months: int = 24) -> Span:
    """The months before a day. Raises ValueError before the first year."""
    year, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    return Span(date(year, month + 1, min(until.day, 28)), until)


def ordinary_arrivals(span: Span, count: int, rng: random.Random) -> Iterator[datetime]:
    """That many moments in ascending order, distributed like busy days and hours.

    One moment is in each of `count` equal slices of the total weight, so every month gets its share whatever
    the count.
    """
    days = span.days()
    sums = list(accumulate(weight(day) * rng.lognormvariate(0, 0.3) for day in days))
    for i in range(count):
        mark = (i + rng.random()) / count * sums[-1]
        n = min(bisect(sums, mark), len(days) - 1)
        before = sums[n - 1] if n else 0.0
        yield moment_of_day(days[n], (mark - before) / (sums[n] - before))


HOUR_SUMS = list(accumulate(HOURS))


def moment_of_day(day: date, share: float) -> datetime:
    """The moment by which that share (0 to 1) of a day's reports has arrived."""
    mark = min(share, 0.999999) * HOUR_SUMS[-1]
    hour = bisect(HOUR_SUMS, mark)
    within = (mark - (HOUR_SUMS[hour] - HOURS[hour])) / HOURS[hour]
    seconds = min(int((hour + within) * 3600), DAY_SECONDS - 1)
    return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)


def outage_arrivals(span: Span, count: int, rng: random.Random) -> list[datetime]:
    """One morning in term without network, most reports within the first hours; never in the cold weeks."""
    days = [d for d in span.days()[-420:-60] if is_term(d) and d.month != 1 and d.weekday() in (1, 2, 3)]
    start = datetime.combine(rng.choice(days), time(9, 40), UTC)
    return sorted(start + timedelta(seconds=int(18_000 * rng.betavariate(1.2, 3))) for _ in range(count))


def cold_arrivals(span: Span, count: int, rng: random.Random) -> list[datetime]:
    """One cold week without heating: reports over four days, in the daytime."""
    days = [d for d in span.days()[:-30] if d.month == 1 and 8 <= d.day <= 25 and d.weekday() == 0]
    monday = rng.choice(days)
    picked = [monday + timedelta(days=rng.choice((0, 0, 1, 1, 1, 2, 3))) for _ in range(count)]
    return sorted(moment_of_day(day, rng.uniform(0.1, 0.9)) for day in picked)
