"""Random sequences of requests by two clients, over HTTP: every response is the model's, and all rows pass
the integrity checks."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.support.chaos.invalid_values import LOCATIONS, TEXTS
from tests.support.chaos.state_machine import (
    AFTER,
    FIELDS,
    KEY_LIFETIME,
    Case,
    KeyUse,
    expected_edit_status,
    expected_status,
    find_faults,
    is_change,
    is_text,
    list_ids,
    same_building,
    stored,
    tidy,
)
from tests.support.chaos.ticket_state_machine import TicketStateMachine, make_older, tally
from tickets.models import Ticket

BROWSERS = st.sampled_from(["Ada", "Ben"])
WHICH = st.integers(0, 9)
# No other text that is sent contains a word one typing error away from these.
WORDS = ("stairwell", "projector", "cafeteria")
ORDERINGS = ("opened_at", "-opened_at", "modified_at", "-modified_at")
CATEGORIES = ("facility", "it", "services")
keys = count(1)


class TicketRequests(TicketStateMachine):
    @rule(name=BROWSERS, role=st.sampled_from(["user", "user", "helpdesk", "helpdesk", ""]))
    def pick_role(self, name, role):
        if role:
            self.enter(name, role)
        else:
            assert self.clients[name].post("/leave/").status_code == 302
            self.clients[name].role = ""
            self.clients[name].http.get("/")

    @rule(name=BROWSERS, text=TEXTS, building=LOCATIONS, room=LOCATIONS, with_key=st.booleans())
    def create_anything(self, name, text, building, room, with_key):
        self.create(name, {"description": text, "building": building, "room": room}, with_key)

    @rule(name=BROWSERS, word=st.sampled_from(WORDS), text=st.text(max_size=20), with_key=st.booleans())
    def create_good(self, name, word, text, with_key):
        self.create(name, {"description": f"The {word} is broken\n" + text.replace("\x00", "")}, with_key)

    def create(self, name: str, sent: dict[str, str], with_key: bool) -> None:
        headers = {"Idempotency_Key": f"key {next(keys)}"} if with_key else {}
        answer = self.send(name, "POST", "tickets/", sent, **headers)
        faults = find_faults(sent)
        wanted = 401 if not self.clients[name].role else 400 if faults else 201
        if self.expect(answer, wanted, faults):
            self.add(name, sent, answer.json())
            if with_key:
                mine = self.used.setdefault((name, self.sessions[name]), {})
                mine[headers["Idempotency_Key"]] = KeyUse(sent, answer.json())

    @rule(name=BROWSERS, which=WHICH, other=st.booleans())
    def create_same_key(self, name, which, other):
        mine = self.used.get((name, self.sessions[name]), {})
        if not mine or not self.clients[name].role:
            return
        key = sorted(mine)[which % len(mine)]
        use = mine[key]
        sent = use.fields | ({"description": "Another text"} if other else {})
        answer = self.send(name, "POST", "tickets/", sent, Idempotency_Key=key)
        if use.age > KEY_LIFETIME:
            assert self.expect(answer, 201)
            self.add(name, sent, answer.json())
            mine[key] = KeyUse(sent, answer.json())
        elif self.expect(answer, 201 if sent == use.fields else 422):
            assert answer.json() == use.answer

    @rule(
        name=BROWSERS,
        which=WHICH,
        version=st.sampled_from(["right", "right", "right", "stale", "none"]),
        changes=st.fixed_dictionaries(
            {},
            optional={
                "description": TEXTS,
                "building": LOCATIONS,
                "room": st.sampled_from(["", "1", "2"]),
                "category": st.sampled_from([*CATEGORIES, "food"]),
            },
        ),
    )
    def edit(self, name, which, version, changes):
        case, role = self.pick(which), self.clients[name].role
        seen = {"right": case.version if case else 1, "stale": case.version - 1 if case else 0, "none": None}[
            version
        ]
        headers = {} if seen is None else {"If_Match": f'"{seen}"'}
        answer = self.send(name, "PATCH", f"tickets/{self.number(case)}/", changes, **headers)
        wanted = expected_edit_status(role, (name, self.sessions[name]), case, seen, changes)
        if self.expect(answer, wanted, find_faults(changes)):
            if is_change(case, changes):
                self.record_edit(case, changes, answer.json())
            assert answer.json()["version"] == case.version
        if case:
            self.compare(case)

    def record_edit(self, case: Case, changes: dict[str, str], shown: dict) -> None:
        self.accept(case, shown, "corrected" if set(changes) == {"category"} else "edited")
        texts = {field: stored(field, value) for field, value in changes.items() if field != "category"}
        if same_building(shown["building"], texts.get("building", shown["building"])):
            texts["building"] = shown["building"]
        is_new_text = texts.get("description", case.fields["description"]) != case.fields["description"]
        case.fields |= texts
        if "category" in changes:
            case.category, case.by_person = changes["category"], True
        elif is_new_text and not case.by_person:
            case.category = shown["category"]  # categorised again

    @rule(name=BROWSERS, which=WHICH, to=st.sampled_from(["active", "closed"]))
    def move(self, name, which, to):
        case, role = self.pick(which), self.clients[name].role
        path, verb = {"active": ("activate", "activated"), "closed": ("close", "closed")}[to]
        answer = self.send(name, "POST", f"tickets/{self.number(case)}/{path}/")
        wanted = expected_status(role, case, is_helpdesks=True)
        if wanted == 200 and AFTER.get(case.status) != to:
            wanted = 409
        if self.expect(answer, wanted):
            self.accept(case, answer.json(), verb)
            case.status = to
            assert (to == "closed") == (case.moments["closed_at"] == case.moments["modified_at"])
        if case:
            self.compare(case)

    @rule(name=BROWSERS, which=WHICH, body=TEXTS, is_internal=st.booleans())
    def message(self, name, which, body, is_internal):
        case, role = self.pick(which), self.clients[name].role
        sent = {"body": body} | ({"is_internal": True} if is_internal else {})
        answer = self.send(name, "POST", f"tickets/{self.number(case)}/messages/", sent)
        wanted = expected_status(role, case, is_helpdesks=is_internal)
        if wanted == 200:
            wanted = 409 if case.status == "closed" else 201 if is_text(body) else 400
        if self.expect(answer, wanted, {"body"}):
            assert answer.json()["body"] == tidy(body)
            case.messages.append((role, tidy(body), is_internal))
            if is_internal:
                case.verbs.append("noted")
            else:
                shown = {"version": case.version} | {n: m and str(m) for n, m in case.moments.items()}
                shown["modified_at"] = answer.json()["sent_at"]
                self.accept(case, shown, "messaged", is_new_version=False)
        if case:
            self.compare(case)

    @rule(
        name=BROWSERS,
        statuses=st.sets(st.sampled_from(["open", "active", "closed"])),
        categories=st.sets(st.sampled_from(CATEGORIES)),
        ordering=st.sampled_from(ORDERINGS),
        size=st.sampled_from([1, 2, 3, 25, 100]),
    )
    def read_list(self, name, statuses, categories, ordering, size):
        query = {"status": sorted(statuses), "category": sorted(categories), "ordering": ordering}
        role = self.clients[name].role
        found = self.read_pages(name, "tickets/", query | {"page_size": size})
        if role:
            assert found == list_ids(self.cases, role, statuses, categories, ordering)

    @rule(name=BROWSERS, which=WHICH)
    def read_detail(self, name, which):
        case, role = self.pick(which), self.clients[name].role
        answer = self.send(name, "GET", f"tickets/{self.number(case)}/")
        if not self.expect(answer, expected_status(role, case)):
            return
        row = answer.json()
        assert {field: row[field] for field in FIELDS} == case.fields
        assert (row["status"], row["version"], row["category"]) == (case.status, case.version, case.category)
        sent = self.send(name, "GET", f"tickets/{case.id}/messages/?page_size=100").json()["results"]
        shown = [(message["author_role"], message["body"], message["is_internal"]) for message in sent]
        assert sorted(shown) == sorted(case.messages_seen_by(role))
        assert [message for message in shown if not message[2]] == case.messages_seen_by("user")
        history = self.send(name, "GET", f"tickets/{case.id}/history/?page_size=100").json()["results"]
        assert [row["verb"] for row in history] == [
            verb for verb in case.verbs if role == "helpdesk" or verb != "noted"
        ]
        assert [row["at"] for row in history] == sorted(row["at"] for row in history)

    @rule(name=BROWSERS, word=st.sampled_from([*WORDS, "nothing"]))
    def search(self, name, word):
        found = self.read_pages(name, "tickets/", {"q": word, "page_size": 3, "ordering": "opened_at"})
        role = self.clients[name].role
        cases = [case for case in self.cases if case.fields["description"].startswith(f"The {word} is")]
        if role:
            assert found == list_ids(cases, role, set(), set(), "opened_at")

    @rule(
        name=BROWSERS,
        which=WHICH,
        status=st.sampled_from(["open", "active", "closed"]),
        room=st.sampled_from(["", "7", "\u200b"]),
        reason=st.sampled_from(["put right", "put right", "", "\u3164"]),
        is_stale=st.sampled_from([False, False, False, True]),
    )
    def admin_fix(self, name, which, status, room, reason, is_stale):
        case, role = self.pick(which), self.clients[name].role
        if case is None:
            return
        form = case.fields | {"room": room, "category": case.category, "status": status, "reason": reason}
        form["version_seen"] = str(case.version - is_stale)
        answer = self.clients[name].post(f"/admin/tickets/ticket/{case.id}/change/", **form)
        tally["requests"] += 1
        if not role:
            assert answer.status_code == 401  # the entrance page, with the fields of the form
        elif role != "helpdesk":
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/admin/login/")
        elif is_stale or not is_text(reason):
            assert answer.status_code in (200, 400)
        else:
            assert answer.status_code == 302, answer.text
            self.record_repair(case, status, stored("room", room))
        self.compare(case)

    def record_repair(self, case: Case, status: str, room: str) -> None:
        if (case.status, case.fields["room"]) == (status, room):
            return
        row = Ticket.objects.get(pk=case.id)
        stored_values = {name: value and str(value) for name, value in vars(row).items()}
        self.accept(case, stored_values | {"version": row.version}, "repaired")
        case.status, case.fields["room"] = status, room
        assert (status == "closed") == (case.moments["closed_at"] is not None)

    @rule(name=BROWSERS)
    def analytics(self, name):
        role = self.clients[name].role
        answer = self.send(name, "POST", "analyses/", {"service": "active-by-category"})
        if not self.expect(answer, 401 if not role else 202 if role == "helpdesk" else 403):
            return
        again = self.send(name, "POST", "analyses/", {"service": "active-by-category"})
        assert again.json()["id"] == answer.json()["id"]
        path = f"analyses/{answer.json()['id']}/cancel/"
        assert self.expect(self.send(name, "POST", path), 200)
        self.expect(self.send(name, "POST", path), 409)

    @rule(minutes=st.sampled_from([7, 25 * 60]), is_back=st.booleans())
    def set_clock(self, minutes, is_back):
        age = timedelta(minutes=-minutes if is_back else minutes)
        make_older(age)
        for case in self.cases:
            case.moments = {name: at and at - age for name, at in case.moments.items()}
        for use in (use for mine in self.used.values() for use in mine.values()):
            use.age += age


@pytest.mark.fault_fast
@pytest.mark.django_db(transaction=True)
def test_access_rules_hold_for_random_sequences_of_requests(live_server, amount, figures):
    TicketRequests.url = live_server.url
    tally.update(requests=0, examples=0, violations=0)
    examples, steps = amount(25, 500), amount(30, 60)
    run_state_machine_as_test(
        TicketRequests,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures.record(
        "access_rules",
        f"violations in {tally['examples']} sequences of {steps} requests ({tally['requests']} sent)",
        tally["violations"],
        goal="0",
        is_met=tally["violations"] == 0,
    )
