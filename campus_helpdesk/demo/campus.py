"""The demo campus as a whole: equal arguments give equal rows, byte for byte."""

import random
from collections.abc import Iterator
from datetime import date, datetime
from heapq import merge
from typing import NamedTuple

from campus_helpdesk.demo.arrivals import (
    Span,
    cold_arrivals,
    ordinary_arrivals,
    outage_arrivals,
    span_before,
)
from campus_helpdesk.demo.buildings import NOWHERE, Location, pick_location, pick_room
from campus_helpdesk.demo.conversation import ConversationWriter, GeneratedMessage
from campus_helpdesk.demo.report_sampler import ReportSampler
from campus_helpdesk.demo.text_catalog import (
    Report,
    Situation,
    common,
    event,
    situations,
    vague_situations,
)
from campus_helpdesk.demo.ticket_timeline import PACES, PACES_OF_EVENTS, Timeline, plan_timeline
from campus_helpdesk.demo.writer import slots_for, write_report
from common.import_rows import MessageRow, TicketRow

OUTAGE_SHARE, COLD_SHARE, VAGUE_SHARE = 0.06, 0.03, 0.05
# The rest, so that together with the two events IT has 45 %, facility 35 % and services 20 % of all tickets.
SHARES = {"it": 39, "facility": 32, "services": 20}
OUTAGE_LOCATIONS = ("seminar", "lecture", "office")
COLD_BUILDINGS = ("Noether Building", "Language Centre")


class Arrival(NamedTuple):
    at: datetime
    kind: str  # "ordinary", or the name of an event


def generate(tickets: int, seed: int, until: date) -> Iterator[tuple[TicketRow, list[MessageRow]]]:
    """That many tickets of the 24 months before `until`, ids from 1, in order of opening.

    `until` itself is excluded: the campus is as it was when that day began (UTC), so the rows do not depend
    on the hour at which they are generated. Raises ValueError for a day without 24 months before it.
    """
    rng = random.Random(seed)
    span = span_before(until)
    samplers = make_samplers(rng)
    for number, arrival in enumerate(all_arrivals(span, tickets, rng), start=1):
        report, location = choose_report(arrival, samplers, rng)
        pace = PACES_OF_EVENTS.get(arrival.kind, PACES[report.situation.category])
        timeline = plan_timeline(arrival.at, pace, span.horizon(), rng)
        yield write_ticket(number, report, location, timeline, rng)


def make_samplers(rng: random.Random) -> dict[str, ReportSampler]:
    """One sampler per category, and one of vague reports of all three."""
    return {"vague": ReportSampler(vague_situations(), rng)} | {
        category: ReportSampler(
            [situation for situation in situations() if situation.category == category], rng
        )
        for category in SHARES
    }


def all_arrivals(span: Span, count: int, rng: random.Random) -> list[Arrival]:
    """Every opening of the campus in ascending order."""
    outage, cold = round(count * OUTAGE_SHARE), round(count * COLD_SHARE)
    kinds = {
        "outage": outage_arrivals(span, outage, rng),
        "cold": cold_arrivals(span, cold, rng),
        "ordinary": ordinary_arrivals(span, count - outage - cold, rng),
    }
    return list(merge(*([Arrival(at, kind) for at in moments] for kind, moments in kinds.items())))


def choose_report(
    arrival: Arrival, samplers: dict[str, ReportSampler], rng: random.Random
) -> tuple[Report, Location]:
    """What is reported, and where."""
    if arrival.kind == "outage":
        return any_report(event("outage", "it"), rng), pick_location(rng.choice(OUTAGE_LOCATIONS), rng)
    if arrival.kind == "cold":
        return any_report(event("cold", "facility"), rng), pick_room(rng.choice(COLD_BUILDINGS), rng)
    is_vague = rng.random() < VAGUE_SHARE
    category = rng.choices(list(SHARES), list(SHARES.values()))[0]
    report = samplers["vague" if is_vague else category].draw(arrival.at.month)
    return report, pick_location(report.situation.where, rng)


def any_report(situation: Situation, rng: random.Random) -> Report:
    return Report(situation, rng.randrange(len(situation.reports)))


def write_ticket(
    number: int, report: Report, location: Location, timeline: Timeline, rng: random.Random
) -> tuple[TicketRow, list[MessageRow]]:
    """The rows of one ticket; most users fill in the location, some do not."""
    slots = slots_for(location, timeline.opened, rng)
    user = rng.choice(common()["people"]["users"]) if rng.random() < 0.55 else ""
    description = write_report(report, slots, rng)
    messages = ConversationWriter(report, slots, timeline, user, rng).write()
    given = choose_fields(location, rng)
    ticket = TicketRow(
        line=number,
        id=number,
        description=description,
        building=given.building,
        room=given.room,
        status=timeline.status,
        category=report.situation.category,
        opened_at=timeline.opened,
        closed_at=timeline.closed,
        modified_at=last_moment(timeline, messages),
        opener_name=user,
    )
    return ticket, [MessageRow(number, number, *message) for message in messages]


def choose_fields(location: Location, rng: random.Random) -> Location:
    """The location that a user enters: sometimes nothing, sometimes where they are."""
    if location == NOWHERE and rng.random() < 0.4:
        return pick_location(rng.choice(("seminar", "office", "dorm")), rng)
    return NOWHERE if rng.random() < 0.12 else location


def last_moment(timeline: Timeline, messages: list[GeneratedMessage]) -> datetime:
    """When the ticket last changed for a user; notes change nothing."""
    return timeline.closed or max(
        [timeline.opened, *(message.at for message in messages if not message.is_internal)]
    )
