from hashlib import sha256

import pytest

from tests.factories import make_ticket
from tickets.buildings import digest, find_buildings

pytestmark = pytest.mark.django_db
NAMES = ["Central Library", "Gym", "Zoë's Café 2", "central library"]


def test_each_building_is_found_once_however_many_tickets_name_it(django_assert_num_queries):
    for name in ["", *NAMES, *NAMES]:
        make_ticket(building=name)
    with django_assert_num_queries(1):
        assert find_buildings(lambda name: True) == NAMES
    assert find_buildings(lambda name: "library" in name.lower()) == [NAMES[0], NAMES[3]]


def test_where_no_ticket_names_a_building_there_is_none():
    assert find_buildings(lambda name: True) == []
    make_ticket()
    assert find_buildings(lambda name: True) == []


def test_digest_begins_the_sha256_of_the_name():
    assert digest("Zoë's Café 2") == sha256("Zoë's Café 2".encode()).hexdigest()[:16]
