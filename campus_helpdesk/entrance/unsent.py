"""A form that arrived without a session: it waits in the entrance page, then in the new session.

It is not stored before the user enters. The page that it came from restores it; if that is not possible, its
texts are shown for copying.
"""

from dataclasses import dataclass

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

Fields = list[tuple[str, str]]

ADDRESS_FIELD, FIELD_PREFIX, SESSION_KEY = "unsent_address", "unsent_field_", "unsent"
TEXT_FIELDS = ("description", "body", "building", "room", "reason")


@dataclass(frozen=True)
class UnsentForm:
    """address: where it was sent."""

    address: str
    fields: Fields

    @property
    def texts(self) -> Fields:
        """What people type, without choices and keys."""
        return [(name, text) for name, text in self.fields if name in TEXT_FIELDS and text.strip()]

    def hidden_fields(self) -> Fields:
        """Hidden fields of the entrance's form."""
        packed = [(FIELD_PREFIX + name, text) for name, text in self.fields]
        return [(ADDRESS_FIELD, self.address), *packed] if packed else []


def read_fields(request: HttpRequest) -> Fields:
    """The fields of a form, so that a refusal can show them and send them again."""
    try:
        fields = request.POST.lists()
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return []
    return [(name, text) for name, texts in fields if name != "csrfmiddlewaretoken" for text in texts]


def read_unsent(request: HttpRequest) -> UnsentForm:
    """The form of this request; at the entrance the one that it carries."""
    return read_carried_form(request) or UnsentForm(request.path, read_fields(request))


def read_carried_form(request: HttpRequest) -> UnsentForm | None:
    """The unsent form in the hidden fields of the entrance's form."""
    fields = read_fields(request)
    if not any(name == ADDRESS_FIELD for name, _ in fields):
        return None
    carried = [
        (name.removeprefix(FIELD_PREFIX), text) for name, text in fields if name.startswith(FIELD_PREFIX)
    ]
    return UnsentForm(request.POST[ADDRESS_FIELD], carried)


def store_unsent(request: HttpRequest, form: UnsentForm) -> None:
    if form.fields:
        request.session[SESSION_KEY] = {"address": form.address, "fields": form.fields}


def find_unsent(request: HttpRequest) -> UnsentForm:
    unsent = request.session.get(SESSION_KEY, {"address": "", "fields": []})
    return UnsentForm(unsent["address"], [(name, text) for name, text in unsent["fields"]])


def unsent_fields(request: HttpRequest, address: str = "") -> QueryDict:
    """What is stored for the form of this address, or of this page; empty if there is nothing."""
    form, fields = find_unsent(request), QueryDict(mutable=True)
    if form.address == (address or request.path):
        for name, text in form.fields:
            fields.appendlist(name, text)
    return fields


def forget_unsent(request: HttpRequest) -> None:
    """The form was sent again and carries its own fields now."""
    if find_unsent(request).address == request.path:
        del request.session[SESSION_KEY]


def describe_refused(request: HttpRequest | None, status: int, *, is_stale: bool) -> dict[str, Fields | None]:
    """For a page that refuses a form. texts: for copying. again: the fields to send once more, None if
    that makes no sense; is_stale: the form was good, but its page was too old."""
    if request is None:
        return {"texts": [], "again": None}
    form = read_unsent(request) if status != 413 else UnsentForm(request.path, [])
    may_repeat = request.method == "POST" and (status in (401, 429, 503) or is_stale)
    return {
        "texts": form.texts or unsent_texts(request, status),
        "again": read_fields(request) if may_repeat else None,
    }


def unsent_texts(request: HttpRequest, status: int) -> Fields:
    """The texts of a stored form whose page does not exist for this role: shown for copying."""
    is_inside = status in (403, 404) and getattr(request, "caller", None)
    return find_unsent(request).texts if is_inside else []
