"""Which tickets are shown as similar to a report, and which never are."""

import pytest

from common.roles import Role
from tests.support.factories import make_ticket
from tickets.duplicates.reading import Report
from tickets.duplicates.similar import find_similar, propose_merges
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LIFT_IN_GERMAN = {
    "description": "Der Aufzug in der Bibliothek steckt fest, nichts bewegt sich",
    "building": "Bibliothek",
    "room": "Lobby",
}
LIFT = Report("The lift is stuck between two floors", "Library", "Lobby", "facility")


def shown(report: Report = LIFT, role: Role = Role.USER) -> list[int]:
    return [similar.ticket.pk for similar in find_similar(report, Ticket.objects.visible_to(role))]


def make_lift(status: str = "open", **fields):
    place = {"building": "Library", "room": "Lobby"} | fields
    return make_ticket(status, description="Elevator in the library does not move, stuck again", **place)


@pytest.mark.parametrize("status", ["open", "active"])
def test_unresolved_ticket_of_the_same_problem_is_shown(status):
    ticket = make_lift(status)
    assert shown() == [ticket.pk]


@pytest.mark.parametrize("role", list(Role))
def test_closed_ticket_is_not_shown_to_anybody(role):
    make_lift("closed")
    assert shown(role=role) == []


def test_same_problem_is_found_in_another_language():
    ticket = make_ticket(description="Der Aufzug in der Bibliothek steckt fest", building="Library")
    assert shown() == [ticket.pk]


def test_same_problem_elsewhere_is_not_shown():
    make_ticket(description="Elevator stuck", building="Chemistry", room="C 2")
    assert shown() == []


def test_other_problem_at_the_same_place_is_not_shown():
    make_ticket(description="The wifi password is not accepted", building="Library", room="Lobby")
    assert shown() == []


def test_at_most_three_are_shown():
    for _ in range(5):
        make_lift()
    assert len(shown()) == 3


def test_text_that_says_nothing_finds_nothing():
    make_lift()
    assert shown(Report("a ? 1", "Library", "Lobby", "facility")) == []


def test_building_is_known_by_a_code_that_another_ticket_names_with_it():
    ticket = make_ticket(description="Aufzug steckt fest", building="B2")
    report = Report("The lift is stuck between two floors", "Library", "", "facility")
    make_ticket(description="No paper in the printer", building="Main Library (B2)")
    assert shown(report) == [ticket.pk]


def test_building_that_only_the_text_names_is_compared():
    ticket = make_lift()
    assert shown(Report("Elevator in the library stuck", "", "", "facility")) == [ticket.pk]


def test_merging_is_proposed_for_the_same_trouble_of_a_thing():
    ticket, duplicate = make_lift(), make_ticket(**LIFT_IN_GERMAN)
    assert [similar.ticket.pk for similar in propose_merges(ticket)] == [duplicate.pk]


def test_merging_is_not_proposed_for_another_trouble_of_a_thing():
    ticket = make_lift()
    other = make_ticket(description="The lift smells of paint", building="Library", room="Lobby")
    assert other.pk in shown()
    assert propose_merges(ticket) == []
