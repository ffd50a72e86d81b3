"""Stores payloads in every field of a helpdesk, each with a tag that identifies it."""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.utils import timezone

from analytics_gateway.attempts import fail_analysis, record_result
from analytics_gateway.models import Analysis, Pin
from analytics_gateway.results import Result
from analytics_workers.frames import Facts
from analytics_workers.pipeline import draw, make_result, measure
from common.roles import Caller, Role
from django_common.text_validation import fold_line
from tests.support.analyses import PNG, SVG, make_running, make_schedule, result_text
from tests.support.facts import make_facts
from tests.support.routes import store_shipped
from tickets.actions import repair_ticket
from tickets.models import Ticket, TriageModel

OPENED = "2026-03-01T10:00:00Z"
CONVERSATION_ID, CLOSED_ID, LONG_ID, REPAIRED_ID = 5000, 5001, 5002, 6000
LOCATION_LENGTH, NAME_LENGTH, VERSION_LENGTH = 100, 80, 40


def tag(payload: str, kind: str, number: int) -> str:
    return f"{payload} ~{kind}{number}"


def as_stored(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def fits(text: str, max_length: int) -> bool:
    """Whether a one-line field accepts it."""
    return len(text) <= max_length and not any(category(letter) in {"Cc", "Zl", "Zp"} for letter in text)


@dataclass
class StoredTexts:
    """The stored texts by field, as the database contains them."""

    texts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, text: str) -> str:
        self.texts.setdefault(kind, []).append(as_stored(text))
        return text

    def add_verbatim(self, kind: str, payload: str, number: int) -> str:
        """The payload as a service sends it: nothing is trimmed."""
        self.texts.setdefault(kind, []).append(tag(payload, kind, number))
        return self.texts[kind][-1]

    def add_field(self, kind: str, payload: str, number: int, max_length: int = 0) -> str:
        """The payload as text of a field; empty if the field is too short for it."""
        text = tag(payload, kind, number)
        if not max_length:
            return self.add(kind, text)
        if not fits(text, max_length):
            return ""
        self.add(kind, fold_line(text))
        return text


def long_text(stored: StoredTexts, payloads: list[str]) -> str:
    """All payloads in one text, for reports and messages."""
    return "\n".join(
        stored.add_field("long text", payload, number) for number, payload in enumerate(payloads)
    )


def write_csv(path: Path, header: str, rows: list[list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(), *rows])
    return path


def import_campus(payloads: list[str], folder: Path) -> StoredTexts:
    """One ticket per payload, in description and location; one ticket with all of them as messages and
    notes."""
    stored = StoredTexts()
    tickets: list[list[object]] = [
        [
            number,
            stored.add_field("description", payload, number) + "\nWIFI and laptop",
            stored.add_field("building", payload, number, LOCATION_LENGTH),
            stored.add_field("room", payload, number, LOCATION_LENGTH),
            "open",
            OPENED,
            "",
        ]
        for number, payload in enumerate(payloads, start=1)
    ]
    tickets += [[CONVERSATION_ID, "A ticket with messages", "", "", "active", OPENED, ""]]
    tickets += [[LONG_ID, long_text(stored, payloads), "", "", "active", OPENED, ""]]
    tickets += [[CLOSED_ID, "This is over", "", "", "closed", OPENED, OPENED]]
    messages: list[list[object]] = []
    for number, payload in enumerate(payloads, start=1):
        name = stored.add_field("author", payload, number, NAME_LENGTH)
        message, note = (stored.add_field(kind, payload, number) for kind in ("message", "note"))
        messages += [[CONVERSATION_ID, name, 0, 0, OPENED, message]]
        messages += [[CONVERSATION_ID, "", 1, 1, OPENED, note]]
    header = "id body building room status opened_at closed_at"
    file = write_csv(folder / "tickets.csv", header, tickets)
    header = "ticket_id author is_staff is_internal created_at body"
    call_command("load_tickets", file, messages=write_csv(folder / "messages.csv", header, messages))
    return stored


def repair_tickets(stored: StoredTexts, payloads: list[str]) -> list[int]:
    """Corrections, each with a hostile reason and author. 90 per ticket, because a page shows a hundred."""
    ids = []
    for number, payload in enumerate(payloads):
        if number % 90 == 0:
            ids.append(REPAIRED_ID + number)
            Ticket.objects.create(pk=ids[-1], description="Repaired", category="it")
        ticket = Ticket.objects.get(pk=ids[-1])
        name = stored.add_field("repairer", payload, number, NAME_LENGTH)
        by = Caller(Role.HELPDESK, name=as_stored(name))
        room = stored.add_field("repaired room", payload, number, LOCATION_LENGTH) or f"room {number}"
        reason = stored.add_field("reason", payload, number)
        repair_ticket(ticket, by=by, reason=reason, changes={"room": room})
    return ids


def store_analyses(stored: StoredTexts, payloads: list[str]) -> Analysis:
    """A result full of payloads, pinned; failures, schedules and versions with some."""
    short = [p for p in payloads if fits(p, VERSION_LENGTH - 12)]
    texts = {name: stored.add_verbatim(f"result's {name}", short[0], 0) for name in ("title", "alt_text")}
    columns = [{"name": "a", "label": stored.add_verbatim("column", short[1], 0), "unit": "$x_{"}]
    rows = [[stored.add_verbatim("cell", payload, number)] for number, payload in enumerate(payloads)]
    notes = [stored.add_verbatim("result's note", payload, number) for number, payload in enumerate(payloads)]
    headline = {"value": 3, "label": stored.add_verbatim("headline", short[2], 0), "unit": "tickets"}
    done = make_running(attempt=1)
    text = result_text(columns=columns, rows=rows, notes=notes, headline=headline, **texts)
    record_result(done.pk, 1, Result.read(text, SVG, PNG))
    Pin.objects.create(service=done.service, params=done.params)
    for number, payload in enumerate(short[:8]):
        name = stored.add_field("requester", payload, number, NAME_LENGTH)
        make_schedule(asked_by_name=name)
        failed = make_running(attempt=3)
        Analysis.objects.filter(pk=failed.pk).update(asked_by_name=name)
        fail_analysis(failed.pk, 3, stored.add_verbatim("failure", payload, number), retry=False)
    store_versions(stored, short[:8])
    return done


def draw_buildings(payloads: list[str]) -> Analysis:
    """The chart of tickets by building as its service draws it, with hostile names of buildings."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    tickets = [("it", "open", at, None, None, None, payload) for payload in payloads]
    facts, zone = Facts(make_facts(*tickets), at + timedelta(days=1)), ZoneInfo("Europe/Berlin")
    table = measure("by-place", {}, facts, zone)
    picture = draw("by-place", table, facts, zone)
    drawn = make_running(service="by-place")
    text = make_result("by-place", table, facts, zone).to_json()
    record_result(drawn.pk, 1, Result.read(text, picture.svg, picture.png))
    return drawn


def store_versions(stored: StoredTexts, payloads: list[str]) -> None:
    known = store_shipped()
    for number, payload in enumerate(payloads):
        TriageModel.objects.create(
            version=stored.add_field("version", payload, number),
            raw=b"x",
            made_by=known.made_by,
            figures=known.figures,
            refusal=stored.add_field("refusal", payload, number),
            made_at=timezone.now(),
        )


def list_failures() -> list[Analysis]:
    return list(Analysis.objects.filter(state="failed").order_by("requested_at"))
