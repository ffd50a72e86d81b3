"""Reading JSON that another process wrote: each function answers with what it promises or refuses.

A refusal is a ValueError that starts with the field's name. Standard library only.
"""

import json
import math
from dataclasses import fields
from typing import Any

MAX_TEXT = 20_000


def as_object(value: Any, field: str, kind: Any) -> dict[str, Any]:
    """A dictionary with exactly the names of the dataclass `kind`."""
    data, wanted = as_kind(value, dict, field), {part.name for part in fields(kind)}
    for name in sorted(wanted ^ data.keys()):
        raise ValueError(f"{field}.{name}: it is {'missing' if name in wanted else 'not known'}")
    return dict(data)


def as_kind(value: Any, kind: type, field: str) -> Any:
    is_right = isinstance(value, kind) and not isinstance(value, bool)
    if not is_right:
        raise ValueError(f"{field}: a {kind.__name__} is needed")
    return value


def as_number(value: Any, field: str) -> int | float:
    """Finite, and no longer than 64 bits where it is whole."""
    is_right = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_right or not (abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)):
        raise ValueError(f"{field}: a finite number is needed")
    return value


def as_text(value: Any, field: str) -> str:
    if not as_line(value, field).strip():
        raise ValueError(f"{field}: it is empty")
    return value


def as_line(value: Any, field: str) -> str:
    """A string that a database and a page can hold: no NUL, no lone surrogate, not endless."""
    text = as_kind(value, str, field)
    if len(text) > MAX_TEXT or "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError(f"{field}: a text of at most {MAX_TEXT} valid characters is needed")
    return text


def parse_json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON: it cannot be read ({type(error).__name__})") from None


def as_cell(value: Any, field: str) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return as_line(value, field) if isinstance(value, str) else as_number(value, field)
