"""Forms sent after the end of a session: they come back after entering, without JavaScript."""

from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from analytics_gateway.models import Analysis, ReportSchedule
from campus_helpdesk.entrance.views import is_action
from messaging.attachments.models import Attachment
from messaging.models import Message
from tests.support.audience import ROUTES, fill
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import form_of, text_of
from tests.support.staged_photos import upload
from tickets.actions import close_ticket
from tickets.models import Ticket

TEXT = 'The <b>lift</b> is stuck & "beeps"\n\nsince nine, 50\u20ac'
HERE, ELSEWHERE = "http://testserver", "https://elsewhere.example"


@pytest.fixture
def ticket(db) -> Ticket:
    return make_ticket("active", description="The lamp flickers")


def send_without_session(client, address: str, form: dict, page: str):
    """From a page that was loaded when there still was one."""
    Session.objects.all().delete()
    return client.post(address, form, headers={"Referer": HERE + page})


def come_in(client, entrance, role: str, **more):
    """Through the entrance's own form, as a browser without JavaScript sends it."""
    form = form_of(entrance, "/enter/") | {"role": role} | more
    return client.client.post("/enter/", form)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/tickets/new/", {"description": TEXT}),
        ("/tickets/{}/messages/", {"body": TEXT}),
    ],
)
def test_photos_are_restored_with_their_form(user, ticket, address, form):
    address, key = address.format(ticket.pk), {"key": "a" * 32}
    user.post("/photos/", key | {"photos": [upload()]})
    photo = Attachment.objects.get()
    page = address.removesuffix("messages/")
    entrance = send_without_session(user, address, form | key, page)
    come_in(user, entrance, "user")
    restored = user.get(page)
    assert f'value="{photo.pk}"' in text_of(restored)
    assert form_of(restored, address)["key"] == [key["key"]]
    assert user.post(address, form | key).status_code == 302
    photo.refresh_from_db()
    assert photo.ticket is not None


@pytest.mark.parametrize(
    ("role", "address", "form"),
    [
        ("user", "/tickets/new/", {"description": TEXT, "building": "Library", "room": "2.14"}),
        ("user", "/tickets/{}/messages/", {"body": TEXT}),
        ("helpdesk", "/desk/tickets/{}/messages/", {"body": TEXT, "is_internal": "1"}),
        (
            "helpdesk",
            "/desk/tickets/{}/edit/",
            {"description": TEXT, "building": "Library", "room": "9", "category": "it", "version": "2"},
        ),
    ],
)
def test_text_is_restored_on_its_page_after_entering(db, ticket, role, address, form):
    client, address = enter(role), address.format(ticket.pk)
    page = f"{address.removesuffix('messages/')}?all=1"
    entrance = send_without_session(client, address, form, page)
    assert (entrance.status_code, Session.objects.count()) == (401, 0)
    assert f"readonly>{TEXT}</textarea>" in text_of(entrance)
    answer = come_in(client, entrance, role)
    assert (answer.status_code, answer["Location"]) == (302, page)
    back = client.get(answer["Location"])
    assert "not sent yet" in text_of(back)
    filled = form_of(back, address)
    shown = {name: filled[name][-1].replace("\r\n", "\n") for name in form if name != "category"}
    assert shown == {name: text for name, text in form.items() if name != "category"}
    assert client.client.post(address, filled | {"category": ["it"]}).status_code == 302
    assert TEXT in [
        *Ticket.objects.values_list("description", flat=True),
        *Message.objects.values_list("body", flat=True),
    ]
    fresh = client.get(page)
    assert "lift" not in "".join(form_of(fresh, address).get("body", []))


def test_selection_at_the_desk_is_restored(helpdesk, ticket):
    sent = {"ticket": [ticket.pk], "move": "close", "next": "/desk/"}
    answer = come_in(
        helpdesk, send_without_session(helpdesk, "/desk/move/", sent, "/desk/?status=active"), "helpdesk"
    )
    assert answer["Location"] == "/desk/?status=active"
    queue = helpdesk.get(answer["Location"])
    assert "nothing was changed" in text_of(queue)
    assert form_of(queue, "/desk/move/")["ticket"] == [str(ticket.pk)]
    for address, form, field in (
        ("/desk/analytics/", {"service": "unresolved", "period": "17", "period_unit": "h"}, "period"),
        ("/desk/reports/", {"service": "backlog", "days": "17", "when": "daily", "hour": "5"}, "days"),
    ):
        answer = come_in(helpdesk, send_without_session(helpdesk, address, form, address), "helpdesk")
        assert f'name="{field}" value="17"' in text_of(helpdesk.get(answer["Location"])), address
    assert not Analysis.objects.exists()
    assert not ReportSchedule.objects.exists()


def test_form_without_a_referrer_returns_to_its_next_field(helpdesk, ticket):
    Session.objects.all().delete()
    entrance = helpdesk.post("/desk/move/", {"ticket": [ticket.pk], "move": "close", "next": "/desk/?q=lamp"})
    assert come_in(helpdesk, entrance, "helpdesk")["Location"] == "/desk/?q=lamp"


@pytest.mark.parametrize(
    ("address", "form", "page"),
    [
        ("/desk/tickets/{}/category/", {"category": "it", "version": "2"}, "/desk/tickets/{}/"),
        ("/tickets/{}/category/", {"category": "it", "version": "2"}, "/tickets/{}/"),
        ("/desk/tickets/{}/close/", {"was": "active"}, "/desk/tickets/{}/"),
        ("/desk/move/", {"move": "close"}, "/desk/"),
        ("/desk/quality/use/", {"version": "3"}, "/desk/quality/"),
        ("/desk/reports/7/pause/", {"was": "on"}, "/desk/reports/"),
        ("/desk/pinned/", {"was": "on"}, "/desk/pinned/"),
    ],
)
def test_action_without_a_referrer_returns_to_its_page(helpdesk, ticket, address, form, page):
    address, page = address.format(ticket.pk), page.format(ticket.pk)
    Session.objects.all().delete()
    answer = come_in(helpdesk, helpdesk.post(address, form), "helpdesk")
    assert answer["Location"] == page
    assert "nothing was changed" in text_of(helpdesk.get(page))
    helpdesk.post("/leave/", {})
    answer = helpdesk.post(
        "/enter/", {"role": "helpdesk", "next": address}
    )  # as the page of a refusal names it
    assert answer["Location"] == page


def test_action_returns_to_the_start_if_the_new_role_has_no_page(helpdesk, ticket):
    Session.objects.all().delete()
    entrance = helpdesk.post(f"/desk/tickets/{ticket.pk}/category/", {"category": "it"})
    assert come_in(helpdesk, entrance, "user")["Location"] == "/tickets/new/"


def test_text_sent_to_an_action_is_shown_for_copying(user):
    Session.objects.all().delete()
    answer = come_in(user, user.post("/tickets/new/category/", {"description": TEXT}), "user")
    assert answer["Location"] == "/tickets/new/"
    assert TEXT in text_of(user.get("/tickets/new/"))


def test_every_url_without_a_page_is_an_action(helpdesk, ticket):
    pages = {
        name: fill(path, ticket) for name, path in ROUTES.items() if name.startswith(("portal:", "desk:"))
    }
    without = {name for name, path in pages.items() if helpdesk.get(path).status_code == 405}
    assert without == {name for name, path in pages.items() if is_action(path)}
    assert len(without) > 10


def test_button_without_a_session_returns_to_its_page(helpdesk, ticket):
    page = f"/desk/tickets/{ticket.pk}/"
    entrance = send_without_session(helpdesk, f"{page}close/", {}, page)
    assert (entrance.status_code, entrance["Location"]) == (302, f"/?{urlencode({'next': page})}")
    ticket.refresh_from_db()
    assert ticket.status == "active"


def test_note_is_shown_for_copying_if_the_new_role_has_no_desk(helpdesk, ticket):
    page = f"/desk/tickets/{ticket.pk}/"
    entrance = send_without_session(helpdesk, f"{page}messages/", {"body": TEXT, "is_internal": "1"}, page)
    answer = come_in(helpdesk, entrance, "user")
    assert answer["Location"] == "/tickets/new/"
    assert TEXT in text_of(helpdesk.get("/tickets/new/"))


def test_text_for_a_closed_ticket_is_shown_for_copying_and_the_ticket_stays_hidden(user, ticket):
    shown = {}
    for pk in (ticket.pk, 987654321):
        page = f"/tickets/{pk}/"
        entrance = send_without_session(user, f"{page}messages/", {"body": TEXT}, page)
        if pk == ticket.pk:
            close_ticket(ticket, by=HELPDESK)
        answer = user.get(come_in(user, entrance, "user")["Location"])
        assert answer.status_code == 404
        shown[pk] = text_of(answer)
    assert TEXT in shown[ticket.pk]
    assert shown[ticket.pk] == shown[987654321]


def test_text_of_a_correction_in_the_admin_is_shown_for_copying(helpdesk, ticket):
    page = f"/admin/tickets/ticket/{ticket.pk}/change/"
    entrance = send_without_session(helpdesk, page, {"reason": TEXT, "status": "open"}, page)
    answer = come_in(helpdesk, entrance, "helpdesk")
    assert answer["Location"] == page
    assert TEXT in text_of(helpdesk.get(page))


def test_text_survives_a_name_that_the_entrance_refuses(user):
    entrance = send_without_session(user, "/tickets/new/", {"description": TEXT}, "/tickets/new/")
    refused = come_in(user, entrance, "user", name="x" * 81)
    assert refused.status_code == 400
    page = user.get(come_in(user, refused, "user", name="Ursula")["Location"])
    assert form_of(page, "/tickets/new/")["description"] == [TEXT]


def test_page_with_an_unsent_form_has_no_button_that_drops_it(user):
    theme = f'action="{reverse("entrance:theme")}"'
    assert theme in text_of(user.get("/tickets/new/"))
    assert theme not in text_of(user.post("/tickets/new/", {"description": "", "building": TEXT}))
    entrance = send_without_session(user, "/tickets/new/", {"description": TEXT}, "/tickets/new/")
    assert theme not in text_of(entrance)
    assert theme not in text_of(come_in(user, entrance, "user", name="x" * 81))
    assert theme in text_of(user.get("/"))


def test_text_of_maximum_length_survives_the_entrance(user):
    text = "\U0001f525" * 20_000
    entrance = send_without_session(user, "/tickets/new/", {"description": text}, "/tickets/new/")
    form = {name: values[0] for name, values in form_of(entrance, "/enter/").items()} | {"role": "user"}
    data = urlencode(form)
    answer = user.client.post("/enter/", data, content_type="application/x-www-form-urlencoded")
    assert answer["Location"] == "/tickets/new/"
    assert form_of(user.get("/tickets/new/"), "/tickets/new/")["description"] == [text]


def test_text_is_restored_after_a_restart_with_other_keys(user, settings):
    settings.SECRET_KEY = "another-key-of-the-same-site-after-a-restart-0193"
    entrance = user.post("/tickets/new/", {"description": TEXT}, headers={"Referer": f"{HERE}/tickets/new/"})
    assert entrance.status_code == 401
    page = user.get(come_in(user, entrance, "user")["Location"])
    assert form_of(page, "/tickets/new/")["description"] == [TEXT]


def test_text_survives_leaving_in_another_tab(user):
    old = user.token
    user.post("/leave/", {})
    form = {"description": TEXT, "csrfmiddlewaretoken": old}
    entrance = user.client.post(
        "/tickets/new/", form, headers={"Origin": HERE, "Referer": f"{HERE}/tickets/new/"}
    )
    assert entrance.status_code == 403
    page = user.get(come_in(user, entrance, "user")["Location"])
    assert form_of(page, "/tickets/new/")["description"] == [TEXT]


def test_form_of_an_older_session_can_be_sent_again(user):
    form = {"description": TEXT, "building": "Library", "csrfmiddlewaretoken": user.token}
    user.post("/enter/", {"role": "user"})
    refused = user.client.post("/tickets/new/", form)
    assert refused.status_code == 403
    assert not Ticket.objects.exists()
    assert TEXT in text_of(refused)
    assert user.client.post("/tickets/new/", form_of(refused, "/tickets/new/")).status_code == 302
    assert Ticket.objects.get().building == "Library"


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://sibling.testserver"])
def test_form_of_another_site_is_dropped(user, origin):
    for _ in ("inside", "outside"):
        answer = user.client.post("/tickets/new/", {"description": TEXT}, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "<form" not in text_of(answer)
        Session.objects.all().delete()


def test_api_requests_without_a_role_get_401_and_no_page(user):
    Session.objects.all().delete()
    answer = user.api("POST", "tickets/", {"description": TEXT})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
