import codecs
import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from analytics_gateway.csv_export import write_csv
from tests.support.analyses import make_result


def read(result: dict) -> list[list[str]]:
    return list(csv.reader(io.StringIO(write_csv(result).decode("utf-8-sig"), newline="")))


def test_table_has_units_in_its_headers_and_numbers_as_they_are():
    assert read(make_result()) == [
        ["Month", "Mean (hours)"],
        ["2026-02", ""],
        ["2026-03", "1.25"],
        ["2026-04", "1e+16"],
    ]


def test_table_begins_with_a_byte_order_mark():
    columns = [{"name": "a", "label": "Gebäude", "unit": ""}]
    raw = write_csv({"columns": columns, "rows": [["図書館"], ["Bâtiment É"]]})
    assert raw == codecs.BOM_UTF8 + "Gebäude\r\n図書館\r\nBâtiment É\r\n".encode()


def test_text_is_never_a_formula_and_negative_numbers_stay_numbers():
    columns = [{"name": "a", "label": "=A", "unit": ""}]
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "\uff1d1", "\uff20x"]
    cells += ["plain, text", -1.5, True]
    rows = read({"columns": columns, "rows": [[cell] for cell in cells]})
    assert [row[0] for row in rows] == [
        "'=A",
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "'\rx",
        "'\nx",
        "'  =1",
        "'\u00a0=1",
        "'\uff1d1",
        "'\uff20x",
        "plain, text",
        "-1.5",
        "true",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_stays_one_cell(text):
    rows = read({"columns": [{"name": "a", "label": "A", "unit": ""}], "rows": [[text, 1]]})
    assert rows[1][0].removeprefix("'") == text.removeprefix("'")
    assert rows[1][1] == "1"
