import pytest

from places.models import Building, Place, PlaceChange
from places.spelling import find_place
from tests.support.factories import make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ADMIN = "/admin/places"


def form(name: str, **changes) -> dict[str, str]:
    return {"name": name, "code": "", "campus": "", "spellings": "", "is_active": "on"} | changes


def test_building_is_added_with_its_spellings(helpdesk):
    answer = helpdesk.post(f"{ADMIN}/building/add/", form("Central Library", code="CL", spellings="UB\nMain"))
    assert answer.status_code == 302
    place = Place.objects.get()
    assert find_place("ub") == find_place("main") == find_place("cl") == place
    page = text_of(helpdesk.get(f"{ADMIN}/building/{place.pk}/change/"))
    assert "UB\nMain</textarea>" in page or "Main\nUB</textarea>" in page
    assert PlaceChange.objects.get().by_name == "Hedda"


def test_spelling_of_another_building_is_an_error_at_its_field(helpdesk):
    helpdesk.post(f"{ADMIN}/building/add/", form("Central Library", code="CL"))
    page = helpdesk.post(f"{ADMIN}/building/add/", form("Gym", code="cl"))
    assert "“cl” already names Central Library." in text_of(page)
    assert Place.objects.count() == 1


def test_new_name_of_a_building_reaches_its_tickets(helpdesk, django_capture_on_commit_callbacks):
    make_ticket(building="Old Hall")
    place = Place.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        answer = helpdesk.post(f"{ADMIN}/building/{place.pk}/change/", form("New Hall"))
    assert answer.status_code == 302
    assert (Ticket.objects.get().building, find_place("old hall").name) == ("New Hall", "New Hall")


def test_room_is_added_to_a_building_and_renamed(helpdesk):
    helpdesk.post(f"{ADMIN}/building/add/", form("Gym"))
    gym = Place.objects.get()
    helpdesk.post(f"{ADMIN}/room/add/", form("Court 1", building=gym.pk))
    room = gym.rooms.get()
    make_ticket(building="Gym", room="Court 1")
    helpdesk.post(f"{ADMIN}/room/{room.pk}/change/", form("Court 2"))
    assert Ticket.objects.get().location == "Gym, Court 2"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [("keep", "1 place is kept and suggested"), ("stop_suggesting", "1 place is no longer suggested.")],
)
def test_action_on_one_building_says_so(helpdesk, action, sentence):
    make_ticket(building="Gym")
    fields = {"action": action, "_selected_action": Building.objects.get().pk}
    helpdesk.post(f"{ADMIN}/building/", fields)
    assert sentence in text_of(helpdesk.get(f"{ADMIN}/building/"))


def test_selected_buildings_are_merged_after_a_question(helpdesk, django_capture_on_commit_callbacks):
    for name in ("Main Bldg", "Main Building"):
        make_ticket(building=name)
    kept = find_place("Main Building")
    fields = {"action": "merge", "_selected_action": list(Building.objects.values_list("pk", flat=True))}
    assert "Which name stays?" in text_of(helpdesk.post(f"{ADMIN}/building/", fields))
    assert Building.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert helpdesk.post(f"{ADMIN}/building/", fields | {"kept": kept.pk}).status_code == 302
    assert Building.objects.get().pk == kept.pk
    assert set(Ticket.objects.values_list("building", flat=True)) == {"Main Building"}


def test_selected_buildings_are_kept_or_no_longer_suggested(helpdesk):
    make_ticket(building="Gym")
    place = Place.objects.get()
    for action, shown in (("keep", (True, True)), ("stop_suggesting", (True, False))):
        fields = {"action": action, "_selected_action": [place.pk]}
        assert helpdesk.post(f"{ADMIN}/building/", fields).status_code == 302
        place.refresh_from_db()
        assert (place.is_listed, place.is_active) == shown


@pytest.mark.parametrize("page", ["building", "room", "placechange"])
def test_lists_take_the_same_queries_with_many_rows(helpdesk, page, django_assert_max_num_queries):
    for number in range(30):
        helpdesk.post(f"{ADMIN}/building/add/", form(f"Building {number}"))
        make_ticket(building=f"Building {number}", room="1")
    with django_assert_max_num_queries(9):
        assert helpdesk.get(f"{ADMIN}/{page}/").status_code == 200
