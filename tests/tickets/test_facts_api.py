import csv
import io
from datetime import datetime, timedelta
from itertools import combinations

import pyarrow as pa
import pytest
from django.test import Client
from django.utils import timezone

from tests.support.clients import get_facts, make_token
from tests.support.factories import HELPDESK, make_ticket
from tests.support.factories import row as stored
from tickets import facts
from tickets.actions import activate_ticket
from tickets.facts import FIELDS
from tickets.following.actions import give_feedback
from tickets.following.models import SecretLink

pytestmark = pytest.mark.django_db(transaction=True)
ARROW = "application/vnd.apache.arrow.stream"


def read_csv(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def read_arrow(response):
    return pa.ipc.open_stream(response.getvalue()).read_all()


def read_rows(response):
    return read_arrow(response).to_pylist()


def test_facts_contain_no_person_and_no_text():
    ticket = make_ticket("closed", description="Private words", building="Library")
    row = read_csv(get_facts())[0]
    assert tuple(row) == FIELDS
    assert row["opened_at"] == ticket.opened_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (row["status"], row["first_answered_at"]) == ("closed", "")
    assert row["building"] == "Library"


@pytest.mark.parametrize("building", ["", "NA", 'Old "Mill", East Wing', "1", "Größe"])
def test_facts_contain_any_building_name(building):
    make_ticket(building=building)
    assert read_arrow(get_facts("?fields=building,id", accept=ARROW)).to_pylist()[0]["building"] == building


def test_arrow_csv_and_json_contain_the_same_facts():
    for status in ("open", "active", "closed"):
        make_ticket(status)
    table = read_arrow(get_facts(accept=ARROW)).to_pylist()
    plain = read_csv(get_facts())
    pages = get_facts(accept="application/json").json()["results"]
    assert [str(row["id"]) for row in table] == [row["id"] for row in plain]
    assert sorted(row["id"] for row in table) == sorted(row["id"] for row in pages)
    for row, text in zip(table, plain, strict=True):
        assert row["opened_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ") == text["opened_at"]
        assert (row["closed_at"] is None) == (text["closed_at"] == "")


SUBSETS = [subset for size in (1, 2, len(FIELDS) - 1) for subset in combinations(FIELDS, size)]


def read_json(response):
    return response.json()["results"]


@pytest.mark.parametrize(
    ("accept", "read"), [("application/json", read_json), ("text/csv", read_csv), (ARROW, read_rows)]
)
def test_any_subset_of_the_fields_can_be_requested(accept, read):
    tickets = [make_ticket("closed", building="Library"), make_ticket()]
    whole = {row["id"]: row for row in read_json(get_facts(accept="application/json"))}
    for subset in SUBSETS:
        response = get_facts(f"?fields={','.join(subset)}", accept=accept)
        assert response.status_code == 200, subset
        expected = [{name: whole[ticket.pk][name] for name in subset} for ticket in tickets]
        assert sorted(map(in_words, read(response))) == sorted(map(in_words, expected)), subset


def in_words(row: dict) -> list[tuple[str, str]]:
    """A row in any format, with equal spelling of times and nulls."""
    texts = {name: f"{v:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(v, datetime) else v for name, v in row.items()}
    return [(name, "" if value is None else str(value)) for name, value in texts.items()]


def test_facts_of_an_empty_helpdesk_have_their_columns():
    assert read_arrow(get_facts("?fields=id,closed_at", accept=ARROW)).schema.names == ["id", "closed_at"]
    assert get_facts().getvalue().decode().strip() == ",".join(FIELDS)


def test_change_token_selects_later_changes():
    make_ticket()
    second = make_ticket()
    response = get_facts()
    token = int(response["X-Change-Token"])
    response.getvalue()
    activate_ticket(second, by=HELPDESK)
    # A concurrent transaction may lower the token: a row may be repeated, none is missed.
    assert str(second.pk) in [row["id"] for row in read_csv(get_facts(f"?changed_after={token}"))]
    assert read_csv(get_facts(f"?changed_after={token + 1_000_000}")) == []


def read_whole(query):
    """The response, read to its end, where its transaction ends."""
    response = get_facts(query)
    response.streaming_content = iter([response.getvalue()])
    return response


def test_answer_of_the_reporter_is_a_fact_that_changes_by_itself():
    solved, other, open_one = make_ticket("closed"), make_ticket("closed"), make_ticket()
    link = SecretLink(ticket=solved)
    for answer in ("no", "yes"):
        before = read_whole("?with_checksum=true")
        give_feedback(link, is_solved=answer, comment="Private words")
        after = read_whole(f"?fields=id,solved&with_checksum=true&changed_after={before['X-Change-Token']}")
        assert {row["id"]: row["solved"] for row in read_csv(after)}[str(solved.pk)] == answer
        assert after["X-Checksum"] != before["X-Checksum"]
    assert {row["id"]: row["solved"] for row in read_rows(get_facts(accept=ARROW))} == {
        solved.pk: "yes",
        other.pk: "",
        open_one.pk: "",
    }


def test_newest_change_is_that_of_a_ticket_or_of_an_answer():
    assert facts.read_newest_change() == 0
    ticket = make_ticket("closed")
    assert facts.read_newest_change() == stored(ticket)["changed_xid"]
    feedback = give_feedback(SecretLink(ticket=ticket), is_solved="yes", comment="")
    feedback.refresh_from_db()
    assert facts.read_newest_change() == feedback.changed_xid > stored(ticket)["changed_xid"]
    other = make_ticket()
    assert facts.read_newest_change() == stored(other)["changed_xid"] > feedback.changed_xid


def test_as_of_is_the_time_of_the_database():
    ticket = make_ticket()
    response = get_facts()
    response.getvalue()
    assert response["X-As-Of"] > ticket.opened_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    "query", ["fields=description", "fields=", "status=bogus", "changed_after=x", "nonsense=1"]
)
def test_facts_refuse_bad_parameters(query):
    response = get_facts(f"?{query}")
    assert response.status_code == 400
    assert response.json()["errors"]


@pytest.mark.parametrize("part", ["SNAPSHOT", "CHECKSUM"])
def test_database_error_while_reading_is_a_503(monkeypatch, part):
    monkeypatch.setattr(facts, part, "SELECT 1 / 0 FROM ({0}) AS fact")
    make_ticket()
    response = get_facts("?with_checksum=true", accept=ARROW)
    assert (response.status_code, response.json()["status"]) == (503, 503)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"key": "another key that is long enough to be accepted"}, 401),
        ({"exp": timezone.now() - timedelta(minutes=5)}, 401),
        ({"exp": timezone.now() + timedelta(hours=1)}, 401),
        ({"aud": "elsewhere"}, 401),
        ({"role": "admin"}, 401),
        ({"scope": "everything"}, 401),
        ({"iss": None}, 401),
        ({"scope": "analysis:write", "analysis": "x"}, 403),
    ],
)
def test_facts_refuse_invalid_tokens(claims, status):
    assert get_facts(token=make_token(**claims)).status_code == status


def test_facts_refuse_sessions(helpdesk):
    assert helpdesk.api("GET", "facts/").status_code == 403


def test_invalid_token_does_not_fall_back_to_the_session(helpdesk):
    assert helpdesk.api("GET", "tickets/", Authorization="Bearer nonsense").status_code == 401


def test_read_token_is_refused_elsewhere():
    ticket = make_ticket()
    for path in ("tickets/", f"tickets/{ticket.pk}/", f"tickets/{ticket.pk}/messages/"):
        response = Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {make_token()}"})
        assert response.status_code == 403
