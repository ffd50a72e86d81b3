"""Sends a sequence of requests and compares responses and rows with the model's."""

import json
from datetime import datetime, timedelta

from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize

from campus_helpdesk.operations.integrity import check_integrity, one_snapshot
from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.state_machine import FIELDS, Case, KeyUse, same_building, stored
from tickets.models import Ticket

EMPTY = """
TRUNCATE tickets_ticket, tickets_ticketembedding, tickets_ticketevent, tickets_correction,
    tickets_follower, tickets_secretlink, tickets_feedback, tickets_idempotencykey, messaging_message,
    attachments_attachment, incoming_mail_incomingmail, notifications_subscription, notifications_delivery,
    analytics_gateway_analysis, analytics_gateway_reportrun, analytics_gateway_analysischart
"""
MOMENTS = {
    "tickets_ticket": ["opened_at", "modified_at", "activated_at", "first_answered_at", "closed_at"],
    "tickets_ticketevent": ["pgh_created_at", "activated_at", "closed_at"],
    "tickets_correction": ["at"],
    "tickets_idempotencykey": ["created_at"],
    "messaging_message": ["sent_at"],
}
tally = {"requests": 0, "examples": 0, "violations": 0}


def read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@transaction.atomic
def make_older(age: timedelta) -> None:
    """Makes all rows that much older, as if the clock had been set forward, or back if it is negative."""
    with connection.cursor() as cursor:
        for table, columns in MOMENTS.items():
            assignments = ", ".join(f"{name} = {name} - %(age)s" for name in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {assignments}", {"age": age})
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


class TicketStateMachine(RuleBasedStateMachine):
    url = ""

    @initialize()
    def start_empty(self):
        connection.cursor().execute(EMPTY)
        self.cases: list[Case] = []
        self.clients = {name: HelpdeskClient(self.url, "", name) for name in ("Ada", "Ben")}
        self.sessions = dict.fromkeys(self.clients, 0)
        self.used: dict[tuple[str, int], dict[str, KeyUse]] = {}
        for name, role in (("Ada", "user"), ("Ben", "helpdesk")):
            self.enter(name, role)

    def enter(self, name: str, role: str) -> None:
        self.clients[name].role = role
        self.clients[name].enter()
        self.sessions[name] += 1

    def teardown(self):
        if not hasattr(self, "cases"):
            return
        for person in self.clients.values():
            person.disconnect()
        tally["examples"] += 1
        with one_snapshot():
            broken = [str(finding) for finding in check_integrity() if finding.violations]
        tally["violations"] += len(broken)
        assert broken == []
        for case in self.cases:
            self.compare(case)

    def send(self, name: str, method: str, path: str, body: object = None, **headers: str):
        """Body as JSON with everything but ASCII escaped, so that lone surrogates can be sent."""
        tally["requests"] += 1
        person = self.clients[name]
        named = {"X-CSRFToken": person.token, "Content-Type": "application/json"} | {
            header.replace("_", "-"): value for header, value in headers.items()
        }
        content = None if body is None else json.dumps(body)
        return person.http.request(method, f"/api/v1/{path}", content=content, headers=named)

    def pick(self, which: int) -> Case | None:
        """One of the tickets, or one that does not exist."""
        return self.cases[which % len(self.cases)] if self.cases and which < 9 else None

    def number(self, case: Case | None) -> int:
        return case.id if case else 987654321

    def expect(self, answer, status: int, fields: set[str] = frozenset()) -> bool:
        """Checks the status, and that a refusal of bad fields names exactly those. Returns whether it was
        accepted."""
        assert answer.status_code == status, (status, answer.status_code, answer.text[:500])
        if status == 400:
            assert set(answer.json()["errors"]) == fields
        return status < 300

    def compare(self, case: Case) -> Ticket:
        """Compares the row with the model."""
        row = Ticket.objects.get(pk=case.id)
        assert {name: getattr(row, name) for name in FIELDS} == case.fields
        assert (row.status, row.version, row.category) == (case.status, case.version, case.category)
        assert (row.category_source == "person") == case.by_person
        moments = {name: getattr(row, name) for name in case.moments}
        assert moments == case.moments
        messages = list(row.messages.order_by("id").values_list("author_role", "body", "is_internal"))
        assert messages == case.messages
        assert list(row.events.values_list("verb", flat=True)) == case.verbs
        return row

    def accept(self, case: Case, shown: dict, verb: str, *, is_new_version: bool = True) -> None:
        """Records an accepted change, which has a later modified_at and, if is_new_version, a new version."""
        before = dict(case.moments)
        case.moments = {name: read_moment(shown[name]) for name in before}
        assert case.moments["modified_at"] > before["modified_at"]
        assert case.moments["opened_at"] == before["opened_at"]
        case.version += is_new_version
        assert shown["version"] == case.version
        case.verbs.append(verb)

    def add(self, name: str, sent: dict[str, str], shown: dict) -> None:
        fields = {field: stored(field, sent.get(field, "")) for field in FIELDS}
        if same_building(shown["building"], fields["building"]):
            fields["building"] = shown["building"]
        assert {field: shown[field] for field in FIELDS} == fields
        assert (shown["status"], shown["version"], shown["closed_at"]) == ("open", 1, None)
        assert shown["opened_at"] == shown["modified_at"]
        moments = {at: read_moment(shown[at]) for at in ("opened_at", "modified_at", "closed_at")}
        case = Case(shown["id"], (name, self.sessions[name]), fields, shown["category"], moments)
        self.cases.append(case)
        self.compare(case)

    def read_pages(self, name: str, path: str, query: dict) -> list[int]:
        """The ids of all pages, first to last."""
        answer = self.clients[name].get(f"/api/v1/{path}", params=query)
        if not self.expect(answer, 200 if self.clients[name].role else 401):
            return []
        ids, last = [row["id"] for row in answer.json()["results"]], answer
        while last.json()["next"]:
            last = self.clients[name].get(last.json()["next"])
            ids += [row["id"] for row in last.json()["results"]]
            tally["requests"] += 1
        return ids
