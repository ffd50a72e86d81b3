"""What the API accepts: JSON, one object, with limited nesting."""

from collections import Counter
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json


class StrictJSONParser(JSONParser):
    """Anything but a JSON object is a 400; so is one that is nested too deeply, and one with two values for
    one name, of which one would be dropped silently."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            data = json.loads(stream.read().decode(), object_pairs_hook=unique_keys)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error
        if not isinstance(data, dict):
            raise ParseError("Send one JSON object.")
        return data


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError if a name occurs twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
        raise ValueError(f"given twice: {', '.join(repeated)}")
    return made
