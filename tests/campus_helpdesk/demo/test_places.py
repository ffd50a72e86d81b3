import pytest

from campus_helpdesk.demo.places import keep_places
from places.models import Place
from places.spelling import find_place

pytestmark = pytest.mark.django_db


def test_demo_campus_keeps_its_buildings_and_rooms():
    keep_places()
    assert find_place("CL").name == "Central Library"
    assert find_place("reading room east", find_place("CL")) is not None
    assert not Place.objects.filter(is_listed=False).exists()
    keep_places()
    assert Place.objects.buildings().count() == 19
