from uuid import uuid4

from campus_helpdesk.web.desk.cross_table import CrossTable
from campus_helpdesk.web.desk.results import describe_result

COLUMNS = [("weekday", "Weekday", ""), ("hour", "Hour from", ""), ("tickets", "Tickets", "tickets")]


def crossed(rows: list[list[object]], columns: list[tuple[str, str, str]] = COLUMNS) -> CrossTable | None:
    named = [dict(zip(("name", "label", "unit"), column, strict=True)) for column in columns]
    result = {"title": "", "columns": named, "rows": rows, "headline": None}
    lineage = {"as_of": "2026-03-31T12:00:00Z", "time_zone": "Europe/Berlin"}
    return describe_result(result | {"lineage": lineage}, uuid4())["cross"]


def lines_of(table: CrossTable) -> list[tuple[str, list[str]]]:
    return [(first, [shown for _, shown, _ in cells]) for first, cells in table.lines]


def test_rows_of_two_keys_are_crossed():
    table = crossed(
        [["Monday", "08:00", 3], ["Monday", "09:00", 0], ["Friday", "08:00", 1], ["Friday", "09:00", 1200]]
    )
    assert (table.key["label"], table.heads) == ("Weekday", ["08:00", "09:00"])
    assert lines_of(table) == [("Monday", ["3", "0"]), ("Friday", ["1", "1,200"])]


def test_equal_first_keys_stay_separate_rows():
    rows = [
        ["no building", "it", 1],
        ["no building", "services", 2],
        ["no building", "it", 3],
        ["no building", "services", 4],
    ]
    assert lines_of(crossed(rows)) == [("no building", ["1", "2"]), ("no building", ["3", "4"])]


def test_rows_that_are_not_a_full_grid_stay_a_list():
    assert crossed([["Monday", "08:00", 3], ["Friday", "09:00", 1]]) is None
    assert crossed([["Monday", "08:00", 3], ["Monday", "09:00", 3], ["Friday", "08:00", 1]]) is None
    assert crossed([["Monday", "08:00", 3], ["Friday", "08:00", 1]]) is not None
    assert crossed([]) is None


def test_rows_of_other_columns_stay_a_list():
    assert crossed([["2026-03", "x", 1, 2]], [*COLUMNS, ("more", "More", "")]) is None
    assert crossed([["2026-03", 1, 2]]) is None
