"""Random tickets, many of them at times at which something happens in a calendar."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SEED = 20_260_315
CATEGORIES, WAITING = ("facility", "it", "services"), ("open", "active")
MICROSECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
# A zone, and the time of its snapshot: soon after a change of the clock, a leap day, a year's end.
SNAPSHOTS = {
    "UTC": "2024-03-01T00:00:00+00:00",
    "Europe/Berlin": "2026-03-29T01:00:00.000001+00:00",
    "America/New_York": "2025-11-02T07:30:00.5+00:00",
    "Asia/Kolkata": "2025-12-31T18:30:00+00:00",
    "Australia/Lord_Howe": "2026-04-04T15:15:00.25+00:00",
    "Pacific/Chatham": "2026-04-04T14:00:00.000001+00:00",
    "Pacific/Apia": "2012-01-02T09:59:59.999999+00:00",
}
# Moments at which something happens in a calendar of one of the zones.
EDGES = [
    *(
        "2024-02-28T23:59:59.999999",
        "2024-02-29T00:00:00",
        "2024-02-29T23:59:59.999999",
        "2024-03-01T00:00:00",
    ),
    *("2025-03-30T00:59:59.999999", "2025-03-30T01:00:00", "2025-10-26T00:30:00", "2025-10-26T01:30:00"),
    *("2025-03-09T07:00:00", "2025-11-02T05:30:00", "2025-11-02T06:30:00", "2026-03-29T01:00:00"),
    *("2025-10-04T15:30:00", "2026-04-04T14:45:00", "2026-04-04T15:00:00", "2025-12-31T23:00:00"),
    *("2025-12-31T18:29:59.999999", "2025-12-31T18:30:00", "2026-01-01T05:00:00", "2026-01-01T00:00:00"),
    *("2025-12-31T10:14:59.999999", "2025-12-31T10:15:00", "2025-09-27T14:00:00", "2026-04-04T14:00:00"),
    *("2011-12-30T09:59:59.999999", "2011-12-30T10:00:00", "2011-12-31T10:00:00", "2011-09-24T14:00:00"),
]
Ticket = tuple[str, str, datetime, datetime | None, datetime | None, datetime | None, str, str]


def make_tickets(zone: str, count: int) -> list[Ticket]:
    """Random tickets of three years before the snapshot, with months that have none."""
    rng, as_of = random.Random(f"{SEED} {zone}"), datetime.fromisoformat(SNAPSHOTS[zone])
    tickets: list[Ticket] = []
    while len(tickets) < count:
        opened = pick_opening(rng, as_of)
        if opened <= as_of and opened.astimezone(ZoneInfo(zone)).month not in (5, 8):
            tickets.append(make_ticket(rng, opened, as_of))
    return tickets


def pick_opening(rng: random.Random, as_of: datetime) -> datetime:
    kind = rng.random()
    if kind < 0.1:
        edge = datetime.fromisoformat(rng.choice(EDGES)).replace(tzinfo=UTC)
        return edge + rng.choice([-1, 0, 0, 1]) * MICROSECOND
    if kind < 0.2:
        return as_of - rng.choice([0, 1, 3, 7, 30, 90]) * DAY + rng.choice([-1, 0, 1]) * MICROSECOND
    if kind < 0.3:
        return as_of - rng.randrange(26_000) * HOUR
    opened = as_of - rng.random() ** 2 * 1095 * DAY
    return opened.replace(microsecond=0) if kind < 0.6 else opened


def make_ticket(rng: random.Random, opened: datetime, as_of: datetime) -> Ticket:
    """Each later time is between opening and snapshot, often exactly that of the one before."""
    status = rng.choice(["open", "active", "closed", "closed", "closed"])
    activated = step(rng, opened, as_of) if status != "open" else None
    closed = step(rng, activated, as_of) if activated and status == "closed" else None
    answered = step(rng, opened, as_of) if rng.random() < 0.7 else None
    building = rng.choice(["", *(f"House {int(rng.random() ** 2 * 40)}" for _ in range(6))])
    solved = rng.choice(["", "", "yes", "no", "yes"])
    return (rng.choice(CATEGORIES), status, opened, closed, activated, answered, building, solved)


def step(rng: random.Random, start: datetime, end: datetime) -> datetime:
    kind = rng.random()
    if kind < 0.2:
        return start
    later = start + (end - start) * rng.random() ** 4
    return max(start, later.replace(microsecond=0)) if kind < 0.6 else later
