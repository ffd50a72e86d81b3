import pytest

from places.edits import PlaceFields
from tests.support.factories import HELPDESK, make_ticket
from tickets.place_actions import save_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def library():
    make_ticket(building="Written on a ticket", room="1")
    fields = PlaceFields("Central Library", "CL", "North", ("Bücherei",))
    return save_place(None, by=HELPDESK, fields=fields)


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [place["name"] for place in answer.json()["results"]]


def test_buildings_that_the_helpdesk_keeps_are_listed(user, library):
    assert user.get("/api/v1/places/").json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": library.pk,
                "building": None,
                "name": "Central Library",
                "code": "CL",
                "campus": "North",
                "spellings": ["Bücherei", "CL", "Central Library"],
                "is_active": True,
            }
        ],
    }


def test_rooms_are_listed_by_building(user, library):
    room = save_place(None, by=HELPDESK, fields=PlaceFields("1.01"), building=library)
    assert names(user.get("/api/v1/places/")) == ["Central Library"]
    assert names(user.get(f"/api/v1/places/?building={library.pk}")) == ["1.01"]
    assert user.get(f"/api/v1/places/{room.pk}/").json()["building"] == library.pk


@pytest.mark.parametrize(
    ("query", "found"), [("bucher", 1), ("CL", 1), ("library", 1), ("written", 0), ("x", 0)]
)
def test_places_are_found_by_any_spelling(user, library, query, found):
    assert len(names(user.client.get("/api/v1/places/", {"q": query}))) == found


def test_filter_by_whether_they_are_suggested(user, library):
    save_place(None, by=HELPDESK, fields=PlaceFields("Old Gym", is_active=False))
    assert names(user.get("/api/v1/places/?is_active=true")) == ["Central Library"]
    assert names(user.get("/api/v1/places/?is_active=false")) == ["Old Gym"]


@pytest.mark.parametrize(
    "query",
    ["building=0", "building=x", "building=9999999999999999999999", "is_active=maybe", "floor=1", "q=a&q=b"]
    + ["q=" + "x" * 101, "q=%00", "page_size=0", "cursor=x"],
)
def test_bad_parameter_is_named(user, library, query):
    answer = user.client.get(f"/api/v1/places/?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["errors"]


def test_hidden_and_missing_places_look_the_same(user, library):
    make_ticket("closed", building="Secret Lab")
    hidden = user.client.get(f"/api/v1/places/{library.pk - 1}/")
    missing = user.client.get("/api/v1/places/99999999999999999999/")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["detail"] == missing.json()["detail"]


def test_places_are_listed_in_as_many_queries_as_one(user, library, django_assert_num_queries):
    user.get("/api/v1/places/")
    for size in (1, 30):
        for number in range(size):
            save_place(None, by=HELPDESK, fields=PlaceFields(f"Hall {size} {number}"))
        with django_assert_num_queries(3):
            assert len(names(user.get("/api/v1/places/?page_size=100"))) >= size
