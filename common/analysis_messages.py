"""The messages between the gateway and the analytics services: requests and results."""

import hashlib
import json
from operator import methodcaller
from typing import Annotated, Any, Self

from msgspec import Meta, field, to_builtins

from common.drilldown import Drilldowns, check_drilldowns
from common.json_validation import AnyText, Cell, Number, StrictStruct, Text, parse_json, validate

MAX_COLUMNS = 30
MAX_ROWS = 10_000


def result_sha256(columns: list[Any], rows: list[Any], headline: Any) -> str:
    """SHA-256, in hex, of the numbers as canonical JSON. It proves that a stored result is unchanged."""
    numbers = {"columns": columns, "rows": rows, "headline": headline}
    text = json.dumps(numbers, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parts_sha256(result: bytes, svg: bytes, png: bytes) -> str:
    """SHA-256, in hex, of everything that a service sends. It proves that the result arrived unchanged."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in (result, svg, png))).hexdigest()


class AnalysisRequest(StrictStruct, frozen=True):
    """The message that starts an analysis."""

    id: Text
    service: Text
    params: dict[str, Any]
    time_zone: Text
    attempt: int

    def to_json(self) -> str:
        return json.dumps(to_builtins(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises ValueError that names the field. Whether the parameters fit the service: `clean_params`."""
        return validate(parse_json(text), cls, "request")


class Column(StrictStruct, frozen=True):
    """`unit` is empty if the column has none."""

    name: AnyText
    label: AnyText
    unit: AnyText


class Headline(StrictStruct, frozen=True):
    """The main number, readable as "value label": "42 tickets opened in the last 7 days are not closed"."""

    value: Number
    label: Text
    unit: AnyText


class Lineage(StrictStruct, frozen=True):
    """Where the numbers come from. `as_of` is ISO 8601 in UTC with Z; `filter` and `formula` are texts for
    people."""

    as_of: Text
    time_zone: Text
    rows_read: int
    filter: Text
    formula: Text
    code_version: Text
    sha256: Text


class AnalysisResult(StrictStruct, frozen=True, omit_defaults=True):
    """The result of one analysis; each row has as many cells as there are columns.

    A result of an early release has no drill-down. The checksum covers the numbers only.
    """

    title: Text
    columns: Annotated[list[Column], Meta(min_length=1, max_length=MAX_COLUMNS)]
    rows: Annotated[list[list[Cell]], Meta(max_length=MAX_ROWS)]
    headline: Headline | None
    notes: list[Text]
    alt_text: Text
    lineage: Lineage
    drilldowns: Drilldowns | None = field(name="doors", default=None)  # the name in the API

    def to_dict(self) -> dict[str, Any]:
        """Numbers of numpy, such as a mean, become Python's."""
        return to_builtins(self, enc_hook=methodcaller("item"))

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises ValueError like `read`, and if the text is not JSON."""
        return cls.read(parse_json(text))

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError that names the field: wrong shape, not a finite number, or numbers that do not
        match `lineage.sha256`."""
        result = validate(value, cls, "result")
        names = [column.name for column in result.columns]
        if len(set(names)) < len(names):
            raise ValueError("columns: two of them have one name")
        if any(len(row) != len(names) for row in result.rows):
            raise ValueError(f"rows: lists of {len(names)} cells are needed")
        if result.drilldowns:
            check_drilldowns(result.drilldowns, names, result.rows)
        if result_sha256(value["columns"], value["rows"], value["headline"]) != result.lineage.sha256:
            raise ValueError("lineage.sha256: it does not match columns, rows and headline")
        return result
