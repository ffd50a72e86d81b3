from uuid import uuid4

import pytest

from campus_helpdesk.web.desk.results import describe_result, format_cell
from tests.support.shown_analyses import RESULT


def test_result_is_shown_with_labels_and_rounded_numbers():
    shown = describe_result(RESULT, uuid4())
    assert shown["sentence"] == "53.2 hours on average"
    assert [[cell for _, cell, _ in row] for row in shown["table"]] == [
        ["2026-02", "1,234.6", "yes"],
        ["2026-03", "–", "no"],
    ]
    assert [column["is_number"] for column in shown["columns"]] == [False, True, False]
    assert shown["as_of"].isoformat() == "2026-03-31T12:00:00.123456+00:00"


def test_result_without_a_headline_shows_its_title():
    assert describe_result(RESULT | {"headline": None}, uuid4())["sentence"] == "Resolution time"


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("category", "it", "Technical IT"),
        ("status", "open", "Open"),
        ("category", "$x_{<b>", "$x_{<b>"),
        ("n", 1000000, "1,000,000"),
        ("n", 0, "0"),
    ],
)
def test_format_cell_uses_labels_for_codes(column, value, shown):
    assert format_cell(column, value) == shown
