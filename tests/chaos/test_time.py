"""Months, durations and schedules against independently written calendars."""

import os
import random
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from analytics_gateway.recurrence import Recurrence, slots_between
from campus_helpdesk.local_stack.data_dir import ROOT
from tests.support.factories import make_conversation, make_ticket
from tests.support.oracle import ORACLES, find_mismatches
from tests.support.random_tickets import SNAPSHOTS, make_tickets

pytestmark = pytest.mark.fault_fast

# Half an hour of summer time, half-hour offsets, no summer time, a skipped day, a skipped midnight.
ZONES = [
    "Europe/Riga",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Asia/Kolkata",
    "America/Havana",
]
FOUR_YEARS = {zone: datetime(2022, 1, 1, tzinfo=UTC) for zone in ZONES} | {
    "Pacific/Apia": datetime(2009, 6, 1, tzinfo=UTC)  # 30 December 2011 was left out
}
PROGRAM = """
import django; django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
settings.ALLOWED_HOSTS = ["testserver"]
client = Client(headers={"cookie": "sessionid=" + SESSION})
LISTS = ("/api/v1/tickets/", "/tickets/", "/desk/")
for path in (*LISTS, "/api/v1/tickets/?opened_after=2026-01-01&q=lamp", "/desk/?opened_before=2027-01-01"):
    answer = client.get(path)
    print(path, answer.status_code, answer.content.decode())
"""


def test_exact_time_months_and_durations_equal_the_oracle(amount, figures):
    zones = [zone for zone in SNAPSHOTS if zone != "UTC"]
    count = amount(200, 10_000)
    wrong = [
        (service, zone, found)
        for zone in zones
        for service in ORACLES
        for found in find_mismatches(service, zone, make_tickets(zone, count))
    ]
    what = f"mismatches of {len(ORACLES)} analyses, {count} tickets, {len(zones)} zones"
    figures.record("exact_time", what, len(wrong), goal="0", is_met=not wrong)


def make_recurrences(hours: list[int]) -> list[Recurrence]:
    return [
        recurrence
        for hour in hours
        for recurrence in (
            Recurrence("daily", hour),
            Recurrence("weekly", hour, weekday=hour % 7),
            Recurrence("monthly", hour, day_of_month=hour + 5),
        )
    ]


def find_moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The first moment at which the local time is this hour of this day or later: hours that are skipped when
    clocks go forward do not exist, and Apia skipped a whole day."""
    wall = datetime(day.year, day.month, day.day, hour)
    shown = wall.replace(tzinfo=zone).astimezone(UTC)
    if shown.astimezone(zone).replace(tzinfo=None) == wall:
        return shown
    early, late = shown - timedelta(days=2), shown + timedelta(days=2)
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (
            (early, middle) if middle.astimezone(zone).replace(tzinfo=None) >= wall else (middle, late)
        )
    return late


def slots_due(recurrence: Recurrence, start: datetime, end: datetime, zone: str) -> set[datetime]:
    """Computed day by day. Apia's midnight after the skipped day is the slot of both days, for one report."""
    days = (start.date() + timedelta(days=n) for n in range(-2, (end - start).days + 3))
    found = (
        find_moment(day, recurrence.hour, ZoneInfo(zone))
        for day in days
        if recurrence.weekday in (None, day.weekday()) and recurrence.day_of_month in (None, day.day)
    )
    return {slot for slot in found if start < slot <= end}


def run_beat(recurrence: Recurrence, start: datetime, end: datetime, zone: str) -> list[datetime]:
    """The slots found by a scheduler that checks at random intervals, from a minute to three days."""
    rng, made, now = random.Random(f"{recurrence} {zone}"), [start], start
    while now < end:
        now = min(end, now + timedelta(minutes=rng.choice([1, 60, 700, 4320])))
        made += slots_between(recurrence, made[-1], now, zone)
    return made[1:]


def test_exact_time_schedules_skip_and_duplicate_nothing_in_four_years(amount, figures):
    skipped = duplicated = total = 0
    for zone in ZONES:
        start = FOUR_YEARS[zone]
        end = start.replace(year=start.year + 4)
        for recurrence in make_recurrences(amount([2], list(range(24)))):
            due = Counter(slots_due(recurrence, start, end, zone))
            made = Counter(run_beat(recurrence, start, end, zone))
            skipped += (due - made).total()
            duplicated += (made - due).total()
            total += due.total()
    of = f"of {total} in 4 years and {len(ZONES)} zones"
    figures.record("exact_time", f"slots skipped {of}", skipped, goal="0", is_met=not skipped)
    figures.record("exact_time", f"slots duplicated {of}", duplicated, goal="0", is_met=not duplicated)


@pytest.mark.parametrize(("hour", "slots"), [(0, ["31T00", "01T00"]), (7, ["31T00", "31T07", "01T07"])])
def test_exact_time_a_skipped_day_has_its_slot_at_the_next_moment(hour, slots):
    before, after = datetime(2011, 12, 30, 9, tzinfo=UTC), datetime(2012, 1, 1, 0, tzinfo=UTC)
    made = slots_between(Recurrence("daily", hour), before, after, "Pacific/Apia")
    assert [f"{slot.astimezone(ZoneInfo('Pacific/Apia')):%dT%H}" for slot in made] == slots


@pytest.mark.django_db(transaction=True)
def test_exact_time_in_any_process_time_zone_and_language(helpdesk):
    make_ticket("closed", description="The lamp flickers")
    make_conversation(make_ticket("active", description="Die Straßenlampe İ flackert", building="Haus ß"))
    session = helpdesk.client.cookies["sessionid"].value
    answers = {read_pages(session, *local) for local in (("UTC", "C"), ("Pacific/Apia", "tr_TR.UTF-8"))}
    assert len(answers) == 1
    assert answers.pop().count(" 200 ") == 5


def read_pages(session: str, zone: str, language: str) -> str:
    """The responses of a separate process, without the keys of forms, which differ in each response."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": address.geturl(),
        "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
        "TZ": zone,
        "LANG": language,
        "LC_ALL": language,
    }
    program = f"SESSION = {session!r}\n{PROGRAM}"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return re.sub(r'(name="csrfmiddlewaretoken" value=|name="key" value=|nonce=)"[^"]*"', "", run.stdout)
