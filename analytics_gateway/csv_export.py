"""A result's table as CSV that no spreadsheet executes."""

import csv
import io
import re
from typing import Any

# Including the full-width signs, which some spreadsheets also evaluate.
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def write_csv(result: dict[str, Any]) -> bytes:
    """A header line with units, then the rows; null is an empty cell.

    UTF-8 with a byte order mark: Excel reads a file without one in the machine's code page.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(escape(column_heading(column)) for column in result["columns"])
    writer.writerows([escape(cell) for cell in row] for row in result["rows"])
    return text.getvalue().encode("utf-8-sig")


def column_heading(column: dict[str, str]) -> str:
    return f"{column['label']} ({column['unit']})" if column["unit"] else column["label"]


def escape(cell: Any) -> Any:
    """Text that a spreadsheet would evaluate gets an apostrophe in front; numbers stay numbers."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and FORMULA.match(cell):
        return f"'{cell}"
    return cell
