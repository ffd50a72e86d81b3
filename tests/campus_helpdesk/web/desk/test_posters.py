import re

import pytest

from campus_helpdesk.web.desk import posters
from places.edits import PlaceFields
from places.models import Place
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import text_of
from tickets.place_actions import save_place

pytestmark = pytest.mark.django_db
PAGE = "/desk/places/posters/"


@pytest.fixture
def gym() -> Place:
    gym = save_place(None, by=HELPDESK, fields=PlaceFields("Gym & Pool"))
    save_place(None, by=HELPDESK, fields=PlaceFields("Court 2"), building=gym)
    return gym


def addresses(page: str) -> list[str]:
    return re.findall(r'aria-label="QR code of ([^"]*)"', page)


def test_sheet_of_all_has_each_building_before_its_rooms(helpdesk, gym):
    save_place(None, by=HELPDESK, fields=PlaceFields("Annex"))
    save_place(None, by=HELPDESK, fields=PlaceFields("Old Hall", is_active=False))
    make_ticket(building="Only written")
    page = helpdesk.get(PAGE).content.decode()
    form = "http://testserver/tickets/new/?building="
    assert addresses(page) == [
        f"{form}Annex",
        f"{form}Gym%20%26%20Pool",
        f"{form}Gym%20%26%20Pool&amp;room=Court%202",
    ]
    assert page.count('class="qr-code"') == 3


def test_address_is_written_in_words_below_the_code(helpdesk, gym):
    page = " ".join(text_of(helpdesk.get(PAGE)).split())
    assert "Or open <strong>testserver/tickets/new/</strong> and enter" in page


@pytest.mark.parametrize(("name", "count"), [("Gym & Pool", 2), ("Court 2", 1)])
def test_poster_of_one_place(helpdesk, gym, name, count):
    place = Place.objects.get(name=name)
    page = helpdesk.get(f"{PAGE}?place={place.pk}&layout=poster").content.decode()
    assert len(addresses(page)) == count
    assert '<ul class="posters poster">' in page


def test_code_holds_the_address(gym):
    """Read by its own modules: the same address gives the same drawing, another one another."""
    form = "http://testserver/tickets/new/"
    drawings = {posters.make_poster(form, place).code for place in Place.objects.select_related("building")}
    assert len(drawings) == 2
    assert "style=" not in "".join(drawings)


def test_many_codes_are_paged(helpdesk, gym, monkeypatch):
    monkeypatch.setattr(posters, "PER_PAGE", 1)
    assert len(addresses(helpdesk.get(f"{PAGE}?page=2").content.decode())) == 1
    assert "Page 2 of 2" in text_of(helpdesk.get(f"{PAGE}?page=2"))


@pytest.mark.parametrize("query", ["place=x", "place=0", "place=99999999999999999999"])
def test_poster_of_a_missing_place_is_not_found(helpdesk, gym, query):
    assert helpdesk.get(f"{PAGE}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["layout=x", "colour=red"])
def test_bad_parameter_is_named(helpdesk, query):
    answer = helpdesk.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0].capitalize() in text_of(answer)
