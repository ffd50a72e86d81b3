"""The name of a caller, which a form may ask for as well as the entrance."""

from dataclasses import replace

from common.roles import Caller
from django_common.requests import CallerRequest
from django_common.text_validation import MAX_NAME_LENGTH, clean_line, fold_line


def read_renamed(request: CallerRequest) -> Caller:
    """The caller under the name of the form, if it has one. A sign-on's name stays. Raises Invalid."""
    if "name" not in request.POST or request.signed_on is not None:
        return request.caller
    name = clean_line("name", fold_line(request.POST["name"]), limit=MAX_NAME_LENGTH)
    return replace(request.caller, name=name)


def remember_name(request: CallerRequest) -> None:
    """For the rest of the session."""
    if request.session["name"] != request.caller.name:
        request.session["name"] = request.caller.name
