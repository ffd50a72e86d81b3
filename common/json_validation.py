"""Validation of JSON that another process wrote.

Each function returns the promised type or raises ValueError, whose message starts with the field's name.
"""

import json
import re
import sys
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

MAX_TEXT = 20_000
MAX_FLOAT = sys.float_info.max
# What a database and a page can store: no NUL, no lone surrogate.
VALID = r"[^\x00\ud800-\udfff]*\Z"

AnyText = Annotated[str, Meta(max_length=MAX_TEXT, pattern=rf"\A{VALID}")]
Text = Annotated[str, Meta(max_length=MAX_TEXT, pattern=rf"\A(?=\s*\S){VALID}")]  # not blank
# Finite, and at most 64 bits if it is an integer.
Whole = Annotated[int, Meta(gt=-(2**63), le=2**63 - 1)]
Number = Whole | Annotated[float, Meta(ge=-MAX_FLOAT, le=MAX_FLOAT)]
Cell = AnyText | Number | bool | None

# An error of msgspec and its location: "Expected `int`, got `str` - at `$.lineage.rows_read`".
VALIDATION_ERROR = re.compile(r"(?P<error>.*?)( - at (.* in )?`\$\.?(?P<path>.*)`)?", re.DOTALL)
WRONG_FIELD = re.compile("Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
Shape = TypeVar("Shape")


class StrictStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object with exactly the fields that its class names."""


def validate(value: Any, kind: type[Shape], name: str) -> Shape:
    """The value as its type. `name`: of the whole value, in errors."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(describe_validation_error(str(error), name)) from None
    except UnicodeEncodeError:  # half of a surrogate pair in a name
        raise ValueError(f"{name}: the name of a field is not text") from None


def describe_validation_error(text: str, name: str) -> str:
    """As "lineage.rows_read: Expected `int`, got `str`", "request.colour: it is not known"."""
    found = VALIDATION_ERROR.fullmatch(text)
    assert found
    error, path = found["error"], found["path"] or name
    if wrong := WRONG_FIELD.fullmatch(error):
        return f"{path}.{wrong[2]}: it is {'missing' if wrong[1] == 'missing required' else 'not known'}"
    return f"{path}: {error}"


def parse_json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON: it cannot be read ({type(error).__name__})") from None
