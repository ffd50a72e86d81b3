"""Which names of buildings and rooms stand for one place."""

import pytest

from tickets.duplicates.directory import Directory
from tickets.duplicates.place_names import compare_building_names, compare_rooms, read_place_name


def compare(left: str, right: str) -> int:
    return compare_building_names(read_place_name(left), read_place_name(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Main Library", "Hauptbibliothek"),
        ("Library", "Biblioteca central"),
        ("Turing Building", "Edificio Turing"),
        ("Dorm 5", "Wohnheim 5"),
        ("Great Hall A1", "a1"),
        ("Sports Centre", "Polideportivo"),
        ("Nursery", "Asilo nido"),
        ("Brontë House", "bronte"),
        ("Conference Centre", "Konferenzzentrum"),
    ],
)
def test_spellings_and_languages_of_one_building_are_the_same(left, right):
    assert compare(left, right) == compare(right, left) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Dorm 2", "Dorm 5"),
        ("Main Library", "Law Library"),
        ("B2", "B3"),
        ("Turing Building", "Faraday Building"),
        ("North Car Park", "South Car Park"),
        ("Riverside Canteen", "Central Refectory"),
        ("Student Centre", "Student Services"),
    ],
)
def test_neighbours_are_others(left, right):
    assert compare(left, right) == compare(right, left) == -1


@pytest.mark.parametrize(("left", "right"), [("B2", "Turing Building"), ("Law School", "Denning Building")])
def test_code_and_name_cannot_be_compared(left, right):
    assert compare(left, right) == 0


def test_names_with_a_code_say_what_the_code_stands_for():
    directory = Directory(["Physics C3", "Faraday (C3)", "Dorm 5 Elm"])
    assert directory.compare("C3", "Faraday Building") == 1
    assert directory.compare("Physik", "Faraday Building") == 1
    assert directory.compare("Wohnheim 5", "Elm Court") == 1
    assert directory.compare("C3", "Elm Court") == -1
    assert directory.compare("C3", "") == 0


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        ("2.14", "214", 1),
        ("2nd floor", "2. Stock", 1),
        ("first floor", "1.12", 0),
        ("first floor", "2.12", -1),
        ("1.08", "1.09", -1),
        ("Lift A", "Lift B", -1),
        ("kitchen", "Küche", 0.5),
        ("foyer", "", 0),
    ],
)
def test_rooms_are_compared_by_numbers_and_kinds(left, right, likeness):
    assert compare_rooms(left, right) == compare_rooms(right, left) == likeness
