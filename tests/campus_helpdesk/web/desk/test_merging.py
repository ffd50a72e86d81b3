"""Merging at the desk: proposals, the form, the joint conversation, and what users see afterwards."""

import html
import re

import pytest

from messaging.actions import post_message
from messaging.attachments.models import Attachment
from tests.support.clients import enter
from tests.support.factories import HELPDESK, USER, make_ticket
from tests.support.pages import text_of
from tests.support.staged_photos import make_message, make_photo, make_ready, upload
from tickets.actions import close_ticket
from tickets.duplicates.merging import merge_ticket
from tickets.models import Ticket

LIFT = {"description": "The lift is stuck between two floors", "building": "Library", "room": "Lobby"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def kept(db):
    return make_ticket("active", **LIFT)


@pytest.fixture
def duplicate(user, kept) -> Ticket:
    """Reported in the user's browser."""
    user.post("/tickets/new/", LIFT | {"description": "Lift stuck between the floors again"})
    return Ticket.objects.latest("id")


def test_desk_is_proposed_to_merge_the_later_ticket_into_the_earlier_one(helpdesk, kept, duplicate):
    page = text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/"))
    assert f'hx-get="/desk/tickets/{kept.pk}/similar/"' in page
    for ticket in (kept, duplicate):
        proposals = text_of(helpdesk.client.get(f"/desk/tickets/{ticket.pk}/similar/", headers=HTMX))
        assert f"Merge {duplicate.pk} into {kept.pk}" in proposals
        assert "<html" not in proposals
    assert "<h1>Possible duplicates" in text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/similar/"))


def test_merging_closes_the_duplicate_and_leads_to_the_kept_ticket(helpdesk, kept, duplicate):
    answer = helpdesk.post(f"/desk/tickets/{duplicate.pk}/merge/", {"into": f"#{kept.pk}"})
    assert answer["Location"] == f"/desk/tickets/{kept.pk}/"
    duplicate.refresh_from_db()
    assert (duplicate.status, duplicate.merged_into_id) == ("closed", kept.pk)
    assert f"Merged from ticket {duplicate.pk}" in text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/"))
    assert f">ticket {kept.pk}</a>" in text_of(helpdesk.get(f"/desk/tickets/{duplicate.pk}/"))


@pytest.mark.parametrize("number", ["", "x", "999999", "own"])
def test_closed_ticket_is_refused_before_the_number(helpdesk, kept, number):
    close_ticket(kept, by=HELPDESK)
    number = kept.pk if number == "own" else number
    assert helpdesk.post(f"/desk/tickets/{kept.pk}/merge/", {"into": number}).status_code == 409


@pytest.mark.parametrize("status", ["open", "active"])
def test_merge_is_undone_with_a_reason(helpdesk, kept, status):
    duplicate = make_ticket(status, description="The lift beside the stairs is stuck")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    address = f"/desk/tickets/{duplicate.pk}/"
    assert f'action="{address}unmerge/"' in text_of(helpdesk.get(address))
    assert helpdesk.post(f"{address}unmerge/", {"reason": "Another lift"})["Location"] == address
    page = text_of(helpdesk.get(address))
    assert f"Ticket {duplicate.pk} is {status} again, and no duplicate of ticket {kept.pk}." in page
    assert "Undo merge" not in page
    assert "Another lift" in page
    duplicate.refresh_from_db()
    assert (duplicate.status, duplicate.merged_into) == (status, None)
    assert "Merged from" not in text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/"))
    assert helpdesk.post(f"{address}unmerge/", {"reason": "Another lift"}).status_code == 409


def test_merge_is_not_undone_without_a_reason_or_by_a_user(helpdesk, user, kept, duplicate):
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    address = f"/desk/tickets/{duplicate.pk}/unmerge/"
    assert helpdesk.post(address, {"reason": " "}).status_code == 400
    assert user.post(address, {"reason": "Another lift"}).status_code == 403
    duplicate.refresh_from_db()
    assert duplicate.merged_into == kept


@pytest.mark.parametrize("number", ["", "x", "999999", "0"])
def test_number_that_is_no_ticket_is_refused(helpdesk, duplicate, number):
    assert helpdesk.post(f"/desk/tickets/{duplicate.pk}/merge/", {"into": number}).status_code == 400
    duplicate.refresh_from_db()
    assert duplicate.status == "open"


def test_conversation_is_one_for_the_desk_and_for_who_reported_the_duplicate(helpdesk, user, kept, duplicate):
    post_message(duplicate, by=USER, body="It is the left one")
    post_message(duplicate, by=HELPDESK, body="Ordered by phone", is_internal=True)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    desk, portal = (
        text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/")),
        text_of(user.get(f"/tickets/{kept.pk}/")),
    )
    written = ("It is the left one", "Ordered by phone")
    assert [text in desk for text in written] == [True, True]
    assert [text in portal for text in written] == [True, False]


def shows(client, kept: Ticket, photos: list[Attachment]) -> list[tuple[bool, int]]:
    """For each photo whether the kept ticket's page has it, and the status of its file."""
    area = "/desk" if client.get("/desk/").status_code == 200 else ""
    page = text_of(client.get(f"{area}/tickets/{kept.pk}/"))
    paths = [f"/api/v1/attachments/{photo.pk}/small.jpg" for photo in photos]
    return [(path in page, client.get(path).status_code) for path in paths]


def test_photos_of_the_duplicate_are_shown_with_its_messages(helpdesk, user, kept):
    user.post("/tickets/new/", {"description": "Lift stuck", "key": "k", "again": "1", "photos": upload()})
    duplicate = Ticket.objects.latest("id")
    of_report = make_ready(duplicate.photos.get())
    of_message = make_photo(duplicate)
    of_note = make_ready(make_message(duplicate, by=HELPDESK, is_internal=True).photos.get())
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    photos, seen, hidden = [of_report, of_message, of_note], (True, 200), (False, 404)
    assert shows(helpdesk, kept, photos) == [seen, seen, seen]
    assert shows(user, kept, photos) == [seen, seen, hidden]
    assert shows(enter("user"), kept, photos) == [hidden, hidden, hidden]
    close_ticket(kept, by=HELPDESK)
    assert [user.get(f"/api/v1/attachments/{photo.pk}/small.jpg").status_code for photo in photos] == [
        404
    ] * 3


def test_page_shows_the_photo_of_a_duplicate_when_it_is_prepared(helpdesk, kept, duplicate):
    photo = make_message(duplicate).photos.get()
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    poll = re.search(r'hx-get="([^"]*/messages/[^"]*)"', text_of(helpdesk.get(f"/desk/tickets/{kept.pk}/")))
    polled = [helpdesk.client.get(html.unescape(poll[1]), headers=HTMX)]
    make_ready(photo)
    polled.append(helpdesk.client.get(html.unescape(poll[1]), headers=HTMX))
    assert [answer.status_code for answer in polled] == [204, 200]


def test_reporter_is_led_to_the_kept_ticket_and_nobody_else(user, kept, duplicate):
    other_user = enter("user")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert user.get(f"/tickets/{duplicate.pk}/")["Location"] == f"/tickets/{kept.pk}/"
    hidden, missing = (other_user.get(f"/tickets/{pk}/") for pk in (duplicate.pk, duplicate.pk + 999))
    assert hidden.status_code == missing.status_code == 404
    assert duplicate.description not in text_of(other_user.get(f"/tickets/{kept.pk}/"))


def test_program_merges_and_reads_the_pointer(helpdesk, user, kept, duplicate):
    path = f"tickets/{duplicate.pk}/merge/"
    assert user.api("POST", path, {"into": kept.pk}).status_code == 403
    assert helpdesk.api("POST", path, {"into": duplicate.pk}).json()["errors"]["into"]
    merged = helpdesk.api("POST", path, {"into": kept.pk})
    assert (merged.status_code, merged.json()["merged_into"], merged.json()["status"]) == (
        200,
        kept.pk,
        "closed",
    )
    assert helpdesk.api("POST", path, {"into": kept.pk}).status_code == 409


def test_correction_in_the_admin_takes_a_merge_back(helpdesk, kept, duplicate):
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    form = {name: getattr(duplicate, name) for name in ("description", "building", "room", "category")}
    form |= {"status": "open", "reason": "Another lift", "version_seen": duplicate.version}
    assert helpdesk.post(f"/admin/tickets/ticket/{duplicate.pk}/change/", form).status_code == 302
    duplicate.refresh_from_db()
    assert (duplicate.status, duplicate.merged_into_id) == ("open", None)
