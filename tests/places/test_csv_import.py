import pytest

from common.errors import Invalid
from places.csv_import import read_places
from places.edits import PlaceFields

FILE = """building,room,code,campus,spellings,active
Central Library,,CL,North,Main Library | UB,yes
Central Library,1.01,,,,
Old Gym,,,,,no
"""


def test_rows_are_buildings_and_rooms():
    building, room, inactive = read_places(FILE.encode())
    assert building.fields == PlaceFields("Central Library", "CL", "North", ("Main Library", "UB"))
    assert (room.line, room.building, room.fields) == (3, "Central Library", PlaceFields("1.01"))
    assert (inactive.building, inactive.fields.is_active) == ("", False)


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffbuilding;code\r\nCafé;C\r\n".encode(),
        "Building;Code\nCafé;C\n".encode("cp1252"),
        'building\tcode\n"Café"\tC\n\n'.encode(),
    ],
)
def test_encodings_and_separators_are_recognised(data):
    assert [row.fields for row in read_places(data)] == [PlaceFields("Café", "C")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "The column building is missing"),
        ("name\nGym\n", "The column building is missing"),
        ("building,floor\nGym,1\n", "Unknown column: floor"),
        ("building\n", "1 to 20,000 lines"),
        ("building,active\nGym,maybe\n", "Line 2: active must be yes or no"),
        ("building,room\nGym,1\n,2\n", "Line 3: the building is missing"),
        ("building,room,code\nGym,1,C\n", "Line 2: a room has no code"),
        ("building\nGym,1\n", "Line 2: more columns"),
    ],
)
def test_bad_file_is_refused_with_its_line(text, error):
    with pytest.raises(Invalid, match=error):
        read_places(text.encode())
