"""A CSV file of buildings and rooms, as other systems export it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from common.errors import Invalid
from places.edits import PlaceFields

MAX_ROWS = 20_000
COLUMNS = ("building", "room", "code", "campus", "spellings", "active")
YES, NO = ("", "yes", "true", "1"), ("no", "false", "0")
FORMAT = (
    "Columns: building (required), room, code, campus, spellings (other ways to write it, separated by |), "
    "active (yes or no). One line for each building; a line with a room is that room."
)


@dataclass(frozen=True)
class PlaceRow:
    """One line. building: of a room, else empty."""

    line: int
    building: str
    fields: PlaceFields


def read_places(data: bytes) -> list[PlaceRow]:
    """The rows of a file in UTF-8 or Windows-1252, with commas, semicolons or tabs. Raises Invalid."""
    lines = io.StringIO(decode(data), newline="")
    header = lines.readline()
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    check_columns(names)
    reader = csv.DictReader(lines, fieldnames=names, delimiter=delimiter)
    try:
        rows = list(read_rows(reader))
    except csv.Error as error:
        raise Invalid({"file": [f"Line {reader.line_num + 1}: {error}."]}) from error
    if not rows or len(rows) > MAX_ROWS:
        raise Invalid({"file": [f"The file must have 1 to {MAX_ROWS:,} lines below its header."]})
    return rows


def decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def check_columns(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if "building" not in names:
        raise Invalid({"file": [f"The column building is missing. {FORMAT}"]})
    if unknown:
        raise Invalid({"file": [f"Unknown column: {', '.join(unknown)}. {FORMAT}"]})


def read_rows(reader: csv.DictReader) -> Iterator[PlaceRow]:
    for row in reader:
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        line = reader.line_num + 1
        if None in row:
            raise Invalid({"file": [f"Line {line}: more columns than the header."]})
        if any(values.values()):
            yield read_row(line, values)


def read_row(line: int, values: dict[str, str]) -> PlaceRow:
    active = values["active"].lower()
    if active not in YES + NO:
        raise Invalid({"file": [f"Line {line}: active must be yes or no."]})
    if not values["building"]:
        raise Invalid({"file": [f"Line {line}: the building is missing."]})
    room, code, campus = values["room"], values["code"], values["campus"]
    if room and (code or campus):
        raise Invalid({"file": [f"Line {line}: a room has no code and no campus."]})
    spellings = tuple(text.strip() for text in values["spellings"].split("|") if text.strip())
    fields = PlaceFields(room or values["building"], code, campus, spellings, active in YES)
    return PlaceRow(line, values["building"] if room else "", fields)
