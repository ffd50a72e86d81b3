"""Every number of every service, computed a second time: plain Python, exact fractions, no code of the
measures."""

from bisect import bisect_left
from calendar import day_name
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from analytics_workers import pipeline
from analytics_workers.frames import Facts
from tests.support.facts import make_facts
from tests.support.random_tickets import CATEGORIES, DAY, HOUR, MICROSECOND, SNAPSHOTS, WAITING, Ticket


def month_of(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m}"


def months_until(first: str, last: str) -> list[str]:
    year, month, months = int(first[:4]), int(first[5:]), []
    while f"{year:04d}-{month:02d}" <= last:
        months.append(f"{year:04d}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def last_months(count: int, last: str) -> list[str]:
    number = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number - count + 1, number + 1)]


def in_hours(time: timedelta) -> Fraction:
    return Fraction(time // MICROSECOND, 3_600_000_000)


def percentile(times: list[Fraction], share: Fraction) -> Fraction:
    times, position = sorted(times), share * (len(times) - 1)
    above = times[min(int(position) + 1, len(times) - 1)]
    return times[int(position)] + (above - times[int(position)]) * (position - int(position))


def near(value: Fraction) -> object:
    return pytest.approx(float(value), rel=1e-12, abs=1e-12)


def summary(times: list[Fraction]) -> list[object]:
    """The mean to the last bit, the percentiles to twelve places."""
    if not times:
        return [None] * 3
    mean = float(sum(times) / len(times))
    return [mean, near(percentile(times, Fraction(1, 2))), near(percentile(times, Fraction(9, 10)))]


def expect_unresolved(tickets, params, as_of, zone):
    span = {"h": HOUR, "d": DAY}[params["period"][-1]] * int(params["period"][:-1])
    inside = Counter((t[0], t[1]) for t in tickets if as_of - span <= t[2] <= as_of and t[1] in WAITING)
    return [[c, s, inside[c, s]] for c in CATEGORIES for s in WAITING], inside.total()


def expect_active(tickets, params, as_of, zone):
    active = Counter(t[0] for t in tickets if t[1] == "active")
    return [[c, active[c]] for c in CATEGORIES], active.total()


def expect_ageing(tickets, params, as_of, zone):
    bands = ["under 1 day", "1 to 3 days", "3 to 7 days", "7 to 30 days", "30 to 90 days", "over 90 days"]
    counts = Counter()
    for category, status, opened, *_ in tickets:
        passed = sum(as_of - opened >= days * DAY for days in (1, 3, 7, 30, 90))
        counts[bands[passed], category, status] += 1
    rows = [[b, c, *(counts[b, c, s] for s in WAITING)] for b in bands for c in CATEGORIES]
    return [[*row, row[2] + row[3]] for row in rows], sum(t[1] in WAITING for t in tickets)


def expect_by_month(tickets, params, as_of, zone, later, is_waiting, more=None):
    """Rows by opening month; `later` is the index of the time at which a duration ends."""
    by_month = defaultdict(list)
    for ticket in tickets:
        by_month[month_of(ticket[2], zone)].append(ticket)
    now = month_of(as_of, zone)
    first = params.get("from") or min(by_month, default="9999-12")
    months = last_months(params["months"], now) if "months" in params else months_until(first, now)
    months = months if params else months[-130:]
    rows, together = [], []
    for month in months:
        times = [in_hours(t[later] - t[2]) for t in by_month[month] if t[later]]
        is_finished = month < now and not any(map(is_waiting, by_month[month]))
        extra = [more(by_month[month], is_finished)] if more else []
        rows.append([month, len(times), len(by_month[month]), *summary(times), is_finished, *extra])
        together += times
    return rows, float(sum(together) / len(together)) if together else None


def expect_resolution_time(tickets, params, as_of, zone):
    def kaplan_meier(month, is_finished):
        return None if is_finished else expect_median(month, as_of)

    return expect_by_month(tickets, params, as_of, zone, 3, lambda t: t[3] is None, kaplan_meier)


def expect_median(tickets, as_of):
    """The curve as in the textbook: one factor for each time at which somebody finished."""
    ends = sorted(((t[3] or as_of) - t[2], t[3] is None) for t in tickets)
    curve, index = Fraction(1), 0
    while index < len(ends):
        at_risk, time = len(ends) - index, ends[index][0]
        same = [is_waiting for end, is_waiting in ends[index : index + at_risk] if end == time]
        curve *= 1 - Fraction(same.count(False), at_risk)
        if curve <= Fraction(1, 2):
            return float(in_hours(time))
        index += len(same)
    return None


def expect_first_answer(tickets, params, as_of, zone):
    return expect_by_month(tickets, params, as_of, zone, 5, lambda t: t[5] is None and t[3] is None)


def expect_solved(tickets, params, as_of, zone):
    now, by_month = month_of(as_of, zone), defaultdict(list)
    for ticket in tickets:
        by_month[month_of(ticket[2], zone)] += [ticket[7]] if ticket[3] else []
    months = months_until(params.get("from") or min(by_month, default="9999-12"), now)[-130:]
    months = last_months(params["months"], now) if "months" in params else months
    rows = []
    for month in months:
        closed, counts = len(by_month[month]), Counter(by_month[month])
        said = counts["yes"] + counts["no"]
        share = float(Fraction(100 * counts["yes"], said)) if said else None
        rows.append([month, closed, said, counts["yes"], counts["no"], share])
    yes, said = sum(row[3] for row in rows), sum(row[2] for row in rows)
    return rows, float(Fraction(100 * yes, said)) if said else None


def expect_rush_hours(tickets, params, as_of, zone):
    now = month_of(as_of, zone)
    first = last_months(params["months"], now)[0] if "months" in params else ""
    local = [t[2].astimezone(zone) for t in tickets if first <= month_of(t[2], zone) <= now]
    counts = Counter((day_name[at.weekday()], f"{at.hour:02d}:00") for at in local)
    hours = [f"{hour:02d}:00" for hour in range(24)]
    return [[day, hour, counts[day, hour]] for day in day_name for hour in hours], len(local)


def expect_by_place(tickets, params, as_of, zone):
    counts = Counter((t[6], t[0]) for t in tickets if t[1] in WAITING)
    sizes = Counter(t[6] for t in tickets if t[1] in WAITING)
    named = sorted((name for name in sizes if name), key=lambda name: (-sizes[name], name))
    groups = [(name, [name]) for name in named[:20]]
    groups += [("other", named[20:])] if named[20:] else []
    groups += [("no building", [""])] if sizes[""] else []
    rows = [[label, c, sum(counts[name, c] for name in names)] for label, names in groups for c in CATEGORIES]
    return rows, sizes.total()


def expect_backlog(tickets, params, as_of, zone):
    """By calendar dates only: what has a local date up to a day has happened by that day's end."""
    today = as_of.astimezone(zone).date()
    days = [today - back * DAY for back in range(params["days"] - 1, -1, -1)]
    moments = [
        sorted(t[at].astimezone(zone).date() for t in tickets if t[at] and t[at] <= as_of) for at in (2, 4, 3)
    ]
    rows = []
    for day in filter(lambda day: exists(day, zone), days):
        opened, activated, closed = (bisect_left(dates, day + DAY) for dates in moments)
        rows.append([f"{day}", opened - activated, activated - closed, opened - closed, day < today])
    return rows, rows[-1][3]


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether local time ever showed that day's noon."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


ORACLES = {
    "unresolved": (expect_unresolved, [{"period": p} for p in ("1h", "24h", "7d", "30d", "3650d")]),
    "active-by-category": (expect_active, [{}]),
    "ageing": (expect_ageing, [{}]),
    "resolution-time": (expect_resolution_time, [{}, {"months": 1}, {"months": 14}, {"from": "2011-12"}]),
    "first-answer": (expect_first_answer, [{}, {"months": 1}, {"months": 14}]),
    "solved": (expect_solved, [{}, {"months": 1}, {"months": 14}, {"from": "2023-12"}]),
    "rush-hours": (expect_rush_hours, [{}, {"months": 1}, {"months": 12}]),
    "by-place": (expect_by_place, [{}]),
    "backlog": (expect_backlog, [{"days": 1}, {"days": 30}, {"days": 1100}]),
}


def find_mismatches(service: str, zone: str, tickets: list[Ticket]) -> list[object]:
    """Differences between measure and oracle: rows and headline."""
    oracle, choices = ORACLES[service]
    as_of, mismatches = datetime.fromisoformat(SNAPSHOTS[zone]), []
    facts = Facts(make_facts(*tickets), as_of)
    for params in choices:
        table = pipeline.measure(service, params, facts, ZoneInfo(zone))
        rows, headline = oracle(tickets, params, as_of, ZoneInfo(zone))
        pairs = zip(table.rows, rows, strict=True)
        mismatches += [(params, measured, expected) for measured, expected in pairs if measured != expected]
        if (table.headline.value if table.headline else None) != headline:
            mismatches.append((params, table.headline, headline))
    return mismatches
