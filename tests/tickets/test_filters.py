"""The filters that link a count to its tickets. That every count is right: tests/test_drilldown.py."""

from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest

from messaging.actions import post_message
from places.models import Place, Spelling
from tests.support.factories import HELPDESK, make_ticket, shift
from tests.support.pages import summaries_of
from tickets.following.actions import give_feedback
from tickets.following.models import SecretLink

BAD = {
    "from_month": [
        "2026",
        "2026-13",
        "2026-3",
        "0999-01",
        "9999-12",
        "2026-031",
        "x2026-03",
        "2026-03-11",
        "2026-03\n",
        "٢٠٢٦-٠٣",
    ],
    "until_month": ["now", "2026-00"],
    "opened_until": ["now", "2026-02-30", "2026-03-31T12:00:00Z", "9999-12-31", "0000-01-01"],
    "opened_weekday": ["Monday", "1", "someday"],
    "opened_hour": ["24", "-1", "09", "nine"],
    "is_answered": ["yes", "True", "1"],
    "is_mine": ["false", "1"],
    "has_building": ["no"],
    "building_is": ["x" * 101, "a\x00"],
    "building_not": ["Library", "0123456789ABCDEF", "0" * 15, "0" * 17],
    "was_open_at": ["yesterday", "2026-03-15T12:00:00"],
    "was_active_at": ["x"],
    "was_unclosed_at": ["x"],
}


def list_ids(client, **query) -> set[int]:
    response = client.client.get("/api/v1/tickets/", query)
    assert response.status_code == 200, response.content
    return {ticket["id"] for ticket in response.json()["results"]}


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:16]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, many in BAD.items() for value in many])
def test_bad_value_is_refused_naming_the_filter(helpdesk, name, value):
    response = helpdesk.client.get("/api/v1/tickets/", {name: value})
    assert (response.status_code, list(response.json()["errors"])) == (400, [name])
    for page in ("/desk/", "/tickets/"):
        assert helpdesk.client.get(page, {name: value}).status_code == 400


@pytest.mark.parametrize(
    ("zone", "value"),
    [
        ("Europe/Berlin", "0001-01-01"),
        ("Europe/Berlin", "9999-12-31T23:59:59Z"),
        ("America/New_York", "0001-01-01T00:00:00Z"),
    ],
)
def test_time_outside_the_range_of_campus_time_is_refused(helpdesk, settings, zone, value):
    settings.CAMPUS_TIME_ZONE = zone
    for path in ("/api/v1/tickets/", "/desk/", "/tickets/"):
        assert helpdesk.client.get(path, {"was_open_at": value}).status_code == 400


def test_building_is_is_case_sensitive(helpdesk):
    named = make_ticket(building="Library").pk
    assert list_ids(helpdesk, building_is="Library") == {named}
    assert list_ids(helpdesk, building_is="LIBRARY") == set()
    assert list_ids(helpdesk, building="LIBRARY") == {named}


def test_building_is_found_by_its_other_spellings_if_it_is_listed(user):
    """A link to the tickets of a building goes on working when the building gets another name."""
    ticket = make_ticket(building="Old Hall")
    place = Place.objects.get()
    Spelling.objects.create(place=place, text="Rector's Office", key="rector's office")
    for listed, found in ((False, set()), (True, {ticket.pk})):
        Place.objects.update(is_listed=listed)
        assert list_ids(user, building_is="Rector's Office") == found
        assert list_ids(user, building="rector") == found
    assert list_ids(user, building_is="rector's office") == set()


def test_building_not_excludes_buildings_and_tickets_without_one(helpdesk):
    make_ticket(), make_ticket(building="Library")
    canteen, hall = make_ticket(building="Canteen").pk, make_ticket(building="Sports hall").pk
    assert list_ids(helpdesk, building_not=digest("Library")) == {canteen, hall}
    assert list_ids(helpdesk, building_not=[digest("Library"), digest("Canteen")]) == {hall}


def test_has_building_divides_the_tickets(helpdesk):
    nowhere, somewhere = make_ticket().pk, make_ticket(building="Library").pk
    assert list_ids(helpdesk, has_building="false") == {nowhere}
    assert list_ids(helpdesk, has_building="true") == {somewhere}


def test_is_answered_ignores_internal_notes(helpdesk):
    answered, noted = make_ticket(), make_ticket()
    post_message(answered, by=HELPDESK, body="Somebody is on the way.")
    post_message(noted, by=HELPDESK, body="Spare part ordered", is_internal=True)
    assert list_ids(helpdesk, is_answered="true") == {answered.pk}
    assert list_ids(helpdesk, is_answered="false") == {noted.pk}


def test_months_follow_the_campus_time_zone(helpdesk, settings):
    settings.CAMPUS_TIME_ZONE = "Europe/Berlin"
    ticket = make_ticket()
    shift(ticket, ticket.opened_at - datetime.fromisoformat("2026-02-28T23:30:00Z"))
    assert (
        list_ids(helpdesk, from_month="2026-03") == list_ids(helpdesk, until_month="2026-03") == {ticket.pk}
    )
    assert not list_ids(helpdesk, until_month="2026-02") | list_ids(helpdesk, from_month="2026-04")
    assert list_ids(helpdesk, opened_weekday="sunday", opened_hour="0") == {ticket.pk}
    settings.CAMPUS_TIME_ZONE = "UTC"
    assert list_ids(helpdesk, until_month="2026-02") == {ticket.pk}
    assert list_ids(helpdesk, opened_weekday="saturday", opened_hour="23") == {ticket.pk}


def test_months_can_follow_another_time_zone(helpdesk, settings):
    settings.CAMPUS_TIME_ZONE = "UTC"
    ticket = make_ticket()
    shift(ticket, ticket.opened_at - datetime.fromisoformat("2026-02-28T23:30:00Z"))
    berlin = {"time_zone": "Europe/Berlin"}
    assert list_ids(helpdesk, from_month="2026-03", until_month="2026-03", **berlin) == {ticket.pk}
    assert list_ids(helpdesk, opened_weekday="sunday", opened_hour="0", **berlin) == {ticket.pk}
    assert not list_ids(helpdesk, until_month="2026-02", **berlin)


@pytest.mark.parametrize("value", ["Europe/Atlantis", "Europe", "../../etc/passwd", "x" * 300, "a\x00b"])
def test_unknown_time_zone_is_refused(helpdesk, value):
    response = helpdesk.client.get("/api/v1/tickets/", {"time_zone": value})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["time_zone"])


def test_opened_until_is_inclusive_and_opened_before_exclusive(helpdesk, settings):
    settings.CAMPUS_TIME_ZONE = "Europe/Berlin"
    ticket = make_ticket()
    shift(ticket, ticket.opened_at - datetime.fromisoformat("2026-02-28T22:59:59.999999Z"))
    assert list_ids(helpdesk, opened_until="2026-02-28", opened_after="2026-02-28") == {ticket.pk}
    assert not list_ids(helpdesk, opened_until="2026-02-27")
    assert not list_ids(helpdesk, opened_before="2026-02-28")
    settings.CAMPUS_TIME_ZONE = "Asia/Tokyo"
    assert not list_ids(helpdesk, opened_until="2026-02-28")
    assert list_ids(helpdesk, opened_until="2026-03-01") == {ticket.pk}


def test_time_zone_with_a_sign_in_its_name_has_the_right_offset(helpdesk, settings):
    settings.CAMPUS_TIME_ZONE = "Etc/GMT+10"  # ten hours behind UTC
    ticket = make_ticket()
    shift(ticket, ticket.opened_at - datetime.fromisoformat("2026-03-01T09:59:00Z"))
    assert list_ids(helpdesk, until_month="2026-02", opened_hour="23") == {ticket.pk}


def test_state_at_a_time_is_the_state_just_before(helpdesk):
    ticket = make_ticket("closed")
    opened, activated, closed = ticket.opened_at, ticket.activated_at, ticket.closed_at
    tick = timedelta(microseconds=1)
    for moment, states in {
        opened: set(),
        opened + tick: {"open", "unclosed"},
        activated: {"open", "unclosed"},
        activated + tick: {"active", "unclosed"},
        closed: {"active", "unclosed"},
        closed + tick: set(),
    }.items():
        found = {
            state
            for state in ("open", "active", "unclosed")
            if list_ids(helpdesk, **{f"was_{state}_at": moment.isoformat()})
        }
        assert found == states, moment


@pytest.mark.parametrize("name", ["was_open_at", "was_active_at", "was_unclosed_at", "opened_after"])
def test_a_time_may_have_an_offset_that_no_place_has(helpdesk, name):
    """PostgreSQL reads offsets up to 15:59 only."""
    ticket = make_ticket()
    late = (ticket.opened_at + timedelta(hours=1)).astimezone(timezone(-timedelta(hours=22, minutes=10)))
    found = list_ids(helpdesk, **{name: late.isoformat()})
    assert found == ({ticket.pk} if name in ("was_open_at", "was_unclosed_at") else set())


def test_no_filter_reveals_a_closed_ticket_to_a_user(user):
    ticket = make_ticket("closed", building="Library")
    post = ticket.opened_at + timedelta(microseconds=1)
    for query in (
        {"building_is": "Library"},
        {"building_not": digest("Canteen")},
        {"has_building": "true"},
        {"is_answered": "false"},
        {"from_month": "2020-01"},
        {"opened_until": "2100-01-01"},
        {"was_open_at": post.isoformat()},
        {"was_unclosed_at": post.isoformat()},
    ):
        assert list_ids(user, **query) == set()


def test_building_is_found_by_a_part_of_its_name(helpdesk):
    for name in ("Central Library", "LIBRARY annex", "Lab", "", "Caf\u00e9  Nord"):
        make_ticket(building=name)
    rows = helpdesk.get("/api/v1/tickets/?building=library").json()["results"]
    assert {row["building"] for row in rows} == {"Central Library", "LIBRARY annex"}
    for written in ("cafe nord", "CAF\u00c9", "Cafe\u0301%20%20Nord"):
        assert len(helpdesk.get(f"/api/v1/tickets/?building={written}").json()["results"]) == 1
    for written in ("nowhere", "%CC%81"):  # an accent that stands on no letter
        assert helpdesk.get(f"/api/v1/tickets/?building={written}").json()["results"] == []
    assert len(helpdesk.get("/api/v1/tickets/?building_is=Lab").json()["results"]) == 1
    assert helpdesk.get("/api/v1/tickets/?building_is=lab").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [("solved=yes", {"yes"}), ("solved=no", {"no"}), ("solved=yes&solved=no", {"yes", "no"})],
)
def test_desk_filters_by_what_the_reporter_says(helpdesk, query, shown):
    tickets = {answer: make_ticket("closed") for answer in ("yes", "no", "")}
    for answer in ("yes", "no"):
        give_feedback(SecretLink(ticket=tickets[answer]), is_solved=answer, comment="")
    page = helpdesk.client.get(f"/desk/?{query}")
    assert sorted(summaries_of(page)) == sorted(tickets[answer].summary for answer in shown)


@pytest.mark.parametrize("query", ["solved=maybe", "solved=true", "solved="])
def test_desk_refuses_what_no_reporter_says(helpdesk, query):
    expected = 200 if query.endswith("=") else 400
    assert helpdesk.client.get(f"/desk/?{query}").status_code == expected


def test_users_cannot_filter_by_what_the_reporter_says(user):
    assert user.client.get("/tickets/?solved=yes").status_code == 400
    assert user.client.get("/api/v1/tickets/?solved=yes").status_code == 400
