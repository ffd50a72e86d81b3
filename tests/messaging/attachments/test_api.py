"""Photos over HTTP: uploading under a key, reading, withdrawing, removing."""

import re
from uuid import UUID, uuid4

import pytest
from django.db import connection

from messaging.attachments.models import Attachment, State
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import explain_reads
from tests.support.staged_photos import make_message, make_ready, make_report, small_jpeg, upload
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
FIELDS = {"id", "ticket", "message", "position", "state", "reason", "width", "height", "small", "large"}
FIELDS |= {"uploaded_at"}
TABLE = Attachment._meta.db_table


def send(person, files, key: str | None = "key"):
    headers = {"X-CSRFToken": person.token} | ({"Idempotency-Key": key} if key is not None else {})
    return person.client.post("/api/v1/attachments/", files, headers=headers)


def test_uploaded_photo_goes_along_with_the_report(user):
    sent = send(user, {"photo": upload()})
    assert (sent.status_code, sent.json().keys()) == (201, FIELDS)
    assert (sent.json()["state"], sent.json()["small"]) == ("waiting", None)
    ticket = user.api("POST", "tickets/", {"description": "The tap drips"}, Idempotency_Key="key").json()
    listed = user.api("GET", f"tickets/{ticket['id']}/attachments/").json()["results"]
    assert [(photo["id"], photo["ticket"]) for photo in listed] == [(sent.json()["id"], ticket["id"])]


def test_uploaded_photo_goes_along_with_the_message(user):
    ticket = make_ticket()
    sent = send(user, {"photo": upload()}).json()
    path = f"tickets/{ticket.pk}/messages/"
    message = user.api("POST", path, {"body": "Look"}, Idempotency_Key="key").json()
    assert user.api("GET", f"attachments/{sent['id']}/").json()["message"] == message["id"]


@pytest.mark.parametrize(
    ("files", "key", "field"),
    [
        ({}, "key", "photo"),
        ({"photo": [upload(), upload(small_jpeg(50))]}, "key", "photo"),
        ({"photo": "text"}, "key", "photo"),
        ({"photo": upload(b"")}, "key", "photos"),
        ({"photo": upload()}, None, "Idempotency-Key"),
        ({"photo": upload()}, " ", "Idempotency-Key"),
        ({"photo": upload()}, "k" * 201, "key"),
    ],
    ids=["none", "two", "text", "empty", "no key", "blank key", "long key"],
)
def test_bad_upload_names_the_field(user, files, key, field):
    answer = send(user, files, key)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert not Attachment.objects.exists()


def test_ready_photo_is_served_as_a_jpeg_without_permissions(user):
    photo = make_ready(make_report().photos.get())
    for size in ("small", "large"):
        path = user.api("GET", f"attachments/{photo.pk}/").json()[size]
        answer = user.get(path)
        assert b"".join(answer.streaming_content) == small_jpeg()
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("state", ["waiting", "removed"])
def test_photo_that_is_not_ready_has_no_file(user, state):
    photo = make_report().photos.get()
    Attachment.objects.filter(pk=photo.pk).update(state=state, sha256="")
    assert user.get(f"/api/v1/attachments/{photo.pk}/small.jpg").status_code == 404
    assert user.api("GET", f"attachments/{photo.pk}/").json()["small"] is None


def answers_to(person, pk: UUID | str) -> set[tuple[int, bytes]]:
    paths = ("", "small.jpg", "large.jpg")
    answers = [person.get(f"/api/v1/attachments/{pk}/{path}") for path in paths]
    return {(answer.status_code, b"" if answer.streaming else answer.content) for answer in answers}


def test_hidden_photo_looks_missing(user, helpdesk):
    closed, open_ticket = make_report(status="closed"), make_ticket()
    note = make_message(open_ticket, by=HELPDESK, is_internal=True)
    missing = answers_to(user, uuid4())
    assert len(missing) == 1
    for photo in (closed.photos.get(), note.photos.get()):
        make_ready(photo)
        assert answers_to(user, photo.pk) == missing
        assert {status for status, _ in answers_to(helpdesk, photo.pk)} == {200}
    assert user.api("GET", f"tickets/{open_ticket.pk}/attachments/").json()["results"] == []
    assert len(helpdesk.api("GET", f"tickets/{open_ticket.pk}/attachments/").json()["results"]) == 1


def test_photo_is_found_by_its_key_not_among_all_messages(user):
    photo = make_ready(make_message(make_ticket()).photos.get())
    [plan] = explain_reads(connection, user, f"/api/v1/attachments/{photo.pk}/small.jpg", TABLE)
    assert "SubPlan" not in plan


@pytest.mark.parametrize(("role", "subqueries"), [("user", 1), ("helpdesk", 0)])
def test_photo_for_a_browser_takes_no_list_of_all_visible_tickets(db, role, subqueries):
    """Only users need one, of the merged tickets that their browser followed."""
    client = enter(role)
    client.post("/tickets/new/", {"description": "The tap drips"})
    photo = make_ready(make_message(Ticket.objects.get()).photos.get())
    [plan] = explain_reads(connection, client, f"/api/v1/attachments/{photo.pk}/small.jpg", TABLE)
    assert len(re.findall("^ *SubPlan", plan, re.MULTILINE)) == subqueries


def test_photo_that_is_not_sent_is_its_sessions_only(user, helpdesk):
    pk = send(user, {"photo": upload()}).json()["id"]
    make_ready(Attachment.objects.get(pk=pk))
    assert {status for status, _ in answers_to(user, pk)} == {200}
    for other in (enter("user"), helpdesk):
        assert answers_to(other, pk) == answers_to(other, uuid4())
        assert other.api("DELETE", f"attachments/{pk}/").status_code == 404
    assert helpdesk.api("POST", f"attachments/{pk}/remove/", {"reason": "x"}).status_code == 404
    assert user.api("DELETE", f"attachments/{pk}/").status_code == 204
    assert user.api("GET", f"attachments/{pk}/").status_code == 404


def test_sent_photo_is_not_withdrawn(user):
    pk = send(user, {"photo": upload()}).json()["id"]
    user.api("POST", "tickets/", {"description": "The tap drips"}, Idempotency_Key="key")
    assert user.api("DELETE", f"attachments/{pk}/").status_code == 404
    assert Attachment.objects.get().ticket == Ticket.objects.get()


def test_helpdesk_removes_a_photo_with_a_reason(user, helpdesk):
    photo = make_ready(make_report().photos.get())
    path = f"attachments/{photo.pk}/remove/"
    assert user.api("POST", path, {"reason": "x"}).status_code == 403
    for body in ({}, {"reason": ""}, {"reason": "x", "state": "ready"}):
        assert helpdesk.api("POST", path, body).status_code == 400
    answer = helpdesk.api("POST", path, {"reason": "Shows a face"})
    assert (answer.status_code, answer.json()["state"]) == (200, State.REMOVED)
    assert helpdesk.api("POST", path, {"reason": "Again"}).status_code == 409
    history = helpdesk.api("GET", f"tickets/{photo.ticket_id}/history/").json()["results"]
    assert (history[-1]["verb"], history[-1]["reason"]) == ("removed", "Shows a face")
    for_users = user.api("GET", f"tickets/{photo.ticket_id}/history/").json()["results"]
    assert (for_users[-1]["verb"], for_users[-1]["reason"]) == ("removed", "")


def test_removal_from_a_note_is_hidden_from_users(user, helpdesk):
    ticket = make_ticket()
    photo = make_message(ticket, by=HELPDESK, is_internal=True).photos.get()
    before = user.api("GET", f"tickets/{ticket.pk}/history/").content
    helpdesk.api("POST", f"attachments/{photo.pk}/remove/", {"reason": "Wrong ticket"})
    assert user.api("GET", f"tickets/{ticket.pk}/history/").content == before


@pytest.mark.parametrize("photos", [1, 30])
def test_list_takes_as_many_statements_for_thirty_photos(user, photos, django_assert_num_queries):
    ticket = make_ticket()
    for number in range(photos):
        Attachment.objects.create(session="s", key=f"{number}", position=1, ticket=ticket)
    with django_assert_num_queries(3):
        listed = user.api("GET", f"tickets/{ticket.pk}/attachments/?page_size=100").json()["results"]
    assert len(listed) == photos
