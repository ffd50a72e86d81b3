"""What the API reads: JSON, one object, sanely nested."""

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """Anything that is no JSON object is a 400, also what is nested too deep to read."""

    def parse(self, stream, media_type=None, parser_context=None) -> dict:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error
        if not isinstance(data, dict):
            raise ParseError("Send one JSON object.")
        return data
