from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import pytest
from django.db.models import Q

from common.errors import Invalid, NotAllowed, Refused
from common.roles import Caller, Role
from tests.support.factories import HELPDESK, OTHER_USER, USER, make_ticket
from tickets.access import may, messages_visible_to, photos_visible_to, require
from tickets.models import Ticket

INVALID = Invalid({"room": ["Too long.", "No such room."], "body": ["Empty."]})
SERVICE = Caller(Role.HELPDESK, scope="tickets:read")


def ticket(status="open", opener=USER.session):
    return SimpleNamespace(status=status, opener=opener)


@pytest.mark.parametrize("verb", ["report", "edit", "message"])
def test_may_allows_common_verbs_to_both_roles(verb):
    assert may(USER, verb, ticket())
    assert may(HELPDESK, verb, ticket())


@pytest.mark.parametrize("verb", ["note", "activate", "close", "repair", "activate_model"])
def test_may_allows_helpdesk_verbs_only_to_the_helpdesk(verb):
    assert may(HELPDESK, verb, ticket())
    assert not may(USER, verb, ticket())


@pytest.mark.parametrize("verb", ["report", "edit", "message", "note", "activate", "close", "correct"])
def test_may_allows_no_verb_to_a_service(verb):
    assert not may(SERVICE, verb, ticket())


def test_may_correct_ends_for_the_reporter_with_activation():
    assert may(USER, "correct", ticket())
    assert not may(OTHER_USER, "correct", ticket())
    assert not may(USER, "correct", ticket(status="active"))
    assert not may(Caller(Role.USER), "correct", ticket(opener=""))
    assert may(HELPDESK, "correct", ticket(status="active"))


def test_may_raises_on_an_unknown_verb():
    with pytest.raises(ValueError, match="fly"):
        may(HELPDESK, "fly", ticket())


def test_require_raises_not_allowed():
    with pytest.raises(NotAllowed, match="Your role does not allow this"):
        require(USER, "close", ticket())


@pytest.mark.django_db
def test_visible_to_hides_closed_tickets_only_from_users():
    tickets = {status: make_ticket(status).pk for status in ("open", "active", "closed")}
    seen = {role: set(Ticket.objects.visible_to(role).values_list("pk", flat=True)) for role in Role}
    assert seen[Role.USER] == {tickets["open"], tickets["active"]}
    assert seen[Role.HELPDESK] == set(tickets.values())


def test_caller_is_immutable():
    with pytest.raises(FrozenInstanceError):
        Caller(Role.USER).role = Role.HELPDESK


def test_notes_are_visible_only_to_the_helpdesk():
    assert messages_visible_to(Role.HELPDESK) == Q()
    assert messages_visible_to(Role.USER) == Q(is_internal=False)
    assert photos_visible_to(Role.HELPDESK) == Q()
    assert photos_visible_to(Role.USER) == Q(message=None) | Q(message__is_internal=False)


@pytest.mark.parametrize(
    ("refusal", "status", "detail"),
    [
        (Refused(), 400, "Refused"),
        (Refused("The tap drips."), 400, "The tap drips."),
        (INVALID, 400, "room: Too long. No such room.; body: Empty."),
        (NotAllowed("Only the helpdesk."), 403, "Only the helpdesk."),
    ],
)
def test_refusal_has_a_status_and_a_detail(refusal, status, detail):
    assert (refusal.status, refusal.detail, str(refusal)) == (status, detail, detail)
