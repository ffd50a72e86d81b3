"""A person edits a ticket on the page, or corrects its category."""

import pytest

from tests.support.pages import text_of, value_of
from tests.support.second_readings import read_again
from tickets.models import Ticket


def test_edit_is_saved_if_the_version_is_current(user, ticket):
    path = f"/tickets/{ticket.pk}/edit/"
    version = value_of(user.get(path), "version")
    answer = user.post(
        path, {"description": "The lift works", "building": "", "room": "", "version": version}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.pk}/")
    ticket.refresh_from_db()
    assert (ticket.description, ticket.location, ticket.version) == ("The lift works", "", 2)


def test_edit_of_an_old_version_shows_both_texts_and_can_be_saved_again(user, helpdesk, ticket):
    path = f"/tickets/{ticket.pk}/edit/"
    seen = value_of(user.get(path), "version")
    helpdesk.post(path, {"description": "Theirs", "version": seen})
    answer = user.post(path, {"description": "Mine", "building": "Library", "version": seen})
    assert answer.status_code == 412
    assert "Theirs" in text_of(answer)
    assert "Mine</textarea>" in text_of(answer)
    again = {"description": "Both", "version": value_of(answer, "version")}
    assert user.post(path, again).status_code == 302
    ticket.refresh_from_db()
    assert ticket.description == "Both"


def test_second_reading_meanwhile_is_no_conflict(user, ticket):
    path = f"/tickets/{ticket.pk}/edit/"
    seen = value_of(user.get(path), "version")
    read_again(ticket, "services")
    assert user.post(path, {"description": "The lift is dark", "version": seen}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.description == "The lift is dark"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "²"])
def test_edit_without_a_version_is_refused(user, ticket, version):
    answer = user.post(f"/tickets/{ticket.pk}/edit/", {"description": "Mine", "version": version})
    assert answer.status_code == 428
    ticket.refresh_from_db()
    assert ticket.version == 1


def test_edit_refuses_a_bad_text_and_shows_it_again(user, ticket):
    answer = user.post(f"/tickets/{ticket.pk}/edit/", {"description": " ", "room": "9", "version": "1"})
    assert answer.status_code == 400
    assert value_of(answer, "room") == "9"


def test_correction_is_for_the_session_that_opened_it(user, ticket):
    path = f"/tickets/{ticket.pk}/category/"
    assert user.post(path, {"category": "it", "version": "1"}).status_code == 403
    user.post("/tickets/new/", {"description": "It is broken"})
    own = Ticket.objects.latest("id")
    assert (
        user.post(f"/tickets/{own.pk}/category/", {"category": "services", "version": "1"}).status_code == 302
    )
    own.refresh_from_db()
    assert (own.category, own.category_source) == ("services", "person")


@pytest.mark.parametrize(
    ("form", "status"),
    [({"version": "1"}, 400), ({"category": "it"}, 428), ({"category": "it", "version": "9"}, 412)],
)
def test_correction_refuses_bad_input(helpdesk, ticket, form, status):
    assert helpdesk.post(f"/tickets/{ticket.pk}/category/", form).status_code == status
