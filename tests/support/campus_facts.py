"""Facts of a campus of some months, and the tables of the services about them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from analytics_workers import pipeline
from analytics_workers.catalogue import SERVICES, clean_params
from analytics_workers.frames import Facts
from analytics_workers.result_table import Table
from common.categories import CATEGORIES
from tests.support.api_server import AS_OF
from tests.support.facts import make_facts

ZONE = ZoneInfo("Europe/Berlin")
# Of the others what the form starts with.
PARAMS = {
    "unresolved": {"period": "3650d"},
    "resolution-time": {},
    "first-answer": {},
    "solved": {},
    "rush-hours": {},
    "backlog": {"days": 90},
}


def campus(months: int, each: int = 3) -> Facts:
    """Some tickets in every one of the last months; every fifth is still open or active."""
    tickets = []
    for number in range(months * each):
        opened = AS_OF - timedelta(days=30.4 * number / each + 1, microseconds=number)
        category = list(CATEGORIES)[number % 3]
        answered = opened + timedelta(minutes=30 + number % 50)
        more = (None if number % 10 == 0 else opened, answered, f"House {number % 27}" if number % 28 else "")
        more = (*more, ["yes", "", "no", "yes"][number % 4])
        if number % 5:
            closed = opened + timedelta(hours=1 + number % 50)
            tickets.append((category, "closed", opened, closed, *more))
        else:
            tickets.append((category, ["open", "active"][number % 2], opened, None, *more))
    return Facts(make_facts(*tickets), AS_OF)


def table_of(service: str, facts: Facts) -> Table:
    initial = {p.name: p.default for p in SERVICES[service].parameters if p.default}
    return pipeline.measure(service, clean_params(service, PARAMS.get(service, initial)), facts, ZONE)
