"""Refusals of requests, each with the HTTP status of its response."""

from collections.abc import Iterable, Mapping


class Refused(Exception):
    """A request that is refused with a reason and changes nothing. status: its HTTP status.

    retry_after: after how many seconds the same request may succeed; 0 if waiting does not help.
    """

    status = 400
    title = "Refused"
    retry_after = 0

    def __init__(self, detail: str = "", *, title: str = ""):
        self.title = title or self.title
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors: dict[str, list[str]] = {}


class Invalid(Refused):
    """Bad input. errors: field name -> messages."""

    status = 400
    title = "Please check what you sent"

    def __init__(self, errors: dict[str, list[str]]):
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = errors


def invalid_from(errors: Mapping[str, Iterable[object]]) -> Invalid:
    """The errors of a form, a filter or a serializer, by field."""
    return Invalid({name: [str(text) for text in texts] for name, texts in errors.items()})


class NotAllowed(Refused):
    status = 403
    title = "Not allowed"


class Hidden(Refused):
    """The caller must not know of this ticket (any more): the response is that for a missing one."""

    status = 404
    title = "Not found"
