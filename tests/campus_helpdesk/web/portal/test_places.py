import pytest

from places.edits import PlaceFields
from places.models import Place
from places.spelling import find_place
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket
from tickets.place_actions import save_place

pytestmark = pytest.mark.django_db
FORM, OPTIONS = "/tickets/new/", "/tickets/new/places/"


@pytest.fixture
def library():
    library = save_place(None, by=HELPDESK, fields=PlaceFields("Old Library", "CL"))
    save_place(None, by=HELPDESK, fields=PlaceFields("1.01"), building=library)
    return save_place(library, by=HELPDESK, fields=PlaceFields("Central Library", "CL", "North"))


def test_form_suggests_buildings_without_javascript(user, library):
    assert '<option value="Central Library">CL, North</option>' in text_of(user.get(FORM))


def test_options_follow_what_is_typed(user, library):
    make_ticket("closed", building="Secret Library")
    page = text_of(user.client.get(OPTIONS, {"building": "cl", "room": "1"}))
    assert 'value="Central Library"' in page
    assert 'value="1.01"' in page
    assert "Secret" not in page
    assert "Central" not in text_of(user.client.get(OPTIONS, {"building": "gym"}))


@pytest.mark.parametrize("text", ["x" * 3000, "\u2028", "\u0301"])
def test_text_that_no_place_has_suggests_nothing(user, library, text):
    for path in (FORM, OPTIONS):
        assert user.client.get(path, {"building": text, "room": text}).status_code == 200


def test_address_of_a_poster_fills_the_form_with_the_present_names(user, library):
    page = text_of(user.client.get(FORM, {"building": "old library", "room": "1.01"}))
    assert 'value="Central Library"' in page
    assert 'value="1.01"' in page
    page = user.client.get(FORM, {"building": "<New & old>", "room": "<7>"}).content.decode()
    assert 'value="&lt;New &amp; old&gt;"' in page


def test_address_of_a_poster_tells_nothing_of_closed_tickets(user):
    make_ticket("closed", building="Secret Lab", room="Vault")
    page = text_of(user.client.get(FORM, {"building": "SECRET LAB", "room": "VAULT"}))
    assert 'value="SECRET LAB"' in page
    assert "Secret Lab" not in page


def test_poster_leads_through_the_entrance_to_the_filled_form(nobody, library):
    answer = nobody.get(FORM, {"building": "CL", "room": "1.01"})
    assert answer.status_code == 302
    nobody.get(answer.url)
    fields = {"role": "user", "next": f"{FORM}?building=CL&room=1.01"}
    fields["csrfmiddlewaretoken"] = nobody.cookies["csrftoken"].value
    entered = nobody.post("/enter/", fields, follow=True)
    assert 'value="Central Library"' in text_of(entered)


def test_place_that_is_not_listed_is_accepted(user):
    user.post(FORM, {"description": "The tap drips", "building": "Shed", "room": "left"})
    assert Ticket.objects.get().location == "Shed, left"
    assert find_place("shed") == Place.objects.buildings().get()
