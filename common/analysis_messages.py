"""The messages between the gateway and the analytics services: what is asked for, and what comes back."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from common.drilldown import Doors, read_doors
from common.json_validation import as_cell, as_kind, as_line, as_number, as_object, as_text, parse_json

MAX_COLUMNS = 30
MAX_ROWS = 10_000

Cell = str | int | float | bool | None


def result_sha256(columns: list[Any], rows: list[Any], headline: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of the numbers: the proof that a stored result is unchanged."""
    numbers = {"columns": columns, "rows": rows, "headline": headline}
    text = json.dumps(numbers, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parts_sha256(result: bytes, svg: bytes, png: bytes) -> str:
    """SHA-256, in hex, of all that a service hands in: the proof that it came as it was sent."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in (result, svg, png))).hexdigest()


@dataclass(frozen=True)
class AnalysisRequest:
    """What a worker gets when it starts an analysis."""

    id: str
    service: str
    params: dict[str, Any]
    time_zone: str
    attempt: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises ValueError that names the field. Whether the parameters fit the service: `clean_params`."""
        data = as_object(parse_json(text), "request", cls)
        return cls(
            id=as_text(data["id"], "id"),
            service=as_text(data["service"], "service"),
            params=as_kind(data["params"], dict, "params"),
            time_zone=as_text(data["time_zone"], "time_zone"),
            attempt=as_kind(data["attempt"], int, "attempt"),
        )


@dataclass(frozen=True)
class Column:
    """`unit` is empty where there is none."""

    name: str
    label: str
    unit: str = ""


@dataclass(frozen=True)
class Headline:
    """The one number, readable as "value label": "42 tickets opened in the last 7 days are not closed"."""

    value: int | float
    label: str
    unit: str


@dataclass(frozen=True)
class Lineage:
    """Where the numbers come from. `as_of` is ISO 8601 in UTC with Z, `filter` and `formula` are words."""

    as_of: str
    time_zone: str
    rows_read: int
    filter: str
    formula: str
    code_version: str
    sha256: str


@dataclass(frozen=True)
class AnalysisResult:
    """The result of one analysis as the contract's page describes it; rows are as wide as the columns.

    A result from before there were doors has none; the checksum is of the numbers alone.
    """

    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    headline: Headline | None
    notes: list[str]
    alt_text: str
    lineage: Lineage
    doors: Doors | None = None

    def to_dict(self) -> dict[str, Any]:
        data = asdict(self)
        return data if self.doors else {name: data[name] for name in data if name != "doors"}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises ValueError as `read` does, and where it is no JSON."""
        return cls.read(parse_json(text))

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises ValueError that names the field: wrong shape, no finite number, or numbers that do not
        match `lineage.sha256`."""
        data = as_object({"doors": None} | as_kind(value, dict, "result"), "result", cls)
        columns = _columns(data["columns"])
        rows = _rows(data["rows"], len(columns))
        result = cls(
            title=as_text(data["title"], "title"),
            columns=columns,
            rows=rows,
            headline=None if data["headline"] is None else _headline(data["headline"]),
            notes=[as_text(note, "notes") for note in as_kind(data["notes"], list, "notes")],
            alt_text=as_text(data["alt_text"], "alt_text"),
            lineage=_lineage(data["lineage"]),
            doors=read_doors(data["doors"], [column.name for column in columns], rows),
        )
        if result_sha256(data["columns"], data["rows"], data["headline"]) != result.lineage.sha256:
            raise ValueError("lineage.sha256: it does not match columns, rows and headline")
        return result


def _columns(value: Any) -> list[Column]:
    columns = [_strings(item, "columns", Column) for item in as_kind(value, list, "columns")]
    if not 1 <= len(columns) <= MAX_COLUMNS or len({c.name for c in columns}) < len(columns):
        raise ValueError(f"columns: 1 to {MAX_COLUMNS} columns of different names are needed")
    return columns


def _rows(value: Any, width: int) -> list[list[Cell]]:
    rows = as_kind(value, list, "rows")
    if len(rows) > MAX_ROWS or any(not isinstance(row, list) or len(row) != width for row in rows):
        raise ValueError(f"rows: at most {MAX_ROWS} lists of {width} cells are allowed")
    return [[as_cell(cell, "rows") for cell in row] for row in rows]


def _headline(value: Any) -> Headline:
    data = as_object(value, "headline", Headline)
    label, unit = as_text(data["label"], "headline.label"), as_line(data["unit"], "headline.unit")
    return Headline(value=as_number(data["value"], "headline.value"), label=label, unit=unit)


def _lineage(value: Any) -> Lineage:
    data = as_object(value, "lineage", Lineage)
    rows_read = as_kind(data.pop("rows_read"), int, "lineage.rows_read")
    return Lineage(rows_read=rows_read, **{name: as_text(data[name], f"lineage.{name}") for name in data})


def _strings(value: Any, field: str, kind: type[Column]) -> Column:
    data = as_object(value, field, kind)
    return kind(**{name: as_line(data[name], f"{field}.{name}") for name in data})
