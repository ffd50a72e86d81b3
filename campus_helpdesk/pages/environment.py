"""What all templates know besides what their page tells them."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template import defaultfilters
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.jinja import htmx_script
from jinja2 import ChainableUndefined, Environment

from campus_helpdesk.marks import deciding_words
from campus_helpdesk.pages import words
from campus_helpdesk.pages.list_context import carry_list


@lru_cache(maxsize=1024)
def url(name: str, *args: object) -> str:
    """A list asks for the address of each row again and again."""
    return reverse(name, args=args)


def url_if_any(name: str, *args: object) -> str:
    """Empty where the site has no such address."""
    try:
        return url(name, *args)
    except NoReverseMatch:
        return ""


def one_token(request: HttpRequest) -> dict[str, object]:
    """The hidden field of all forms of a page: each masked token costs a random text. A page without a form
    makes none, and sets no cookie."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


CALLED = {
    "carry_list": carry_list,
    "category_badge": words.category_badge,
    "htmx_script": htmx_script,
    "icon": words.icon,
    "start": words.start,
    "state_badge": words.state_badge,
    "static": static,
    "status_badge": words.status_badge,
    "url": url,
    "url_if_any": url_if_any,
}
FILTERS = {
    "age": words.age,
    "ago": words.ago,
    "at_least": words.at_least,
    "capfirst": defaultfilters.capfirst,
    "category_icon": words.category_icon,
    "category_label": words.category_label,
    "clock": words.clock,
    "date": defaultfilters.date,
    "deciding_words": deciding_words,
    "floatformat": defaultfilters.floatformat,
    "marked_description": words.marked_description,
    "pluralize": defaultfilters.pluralize,
    "thousands": words.thousands,
    "truncatechars": defaultfilters.truncatechars,
    "words_of": words.words_of,
}


def make_environment(**options: Any) -> Environment:
    """What a page does not tell is empty, also where something of it is asked for."""
    environment = Environment(**options | {"undefined": ChainableUndefined})  # noqa: S701 - Django asks to escape
    environment.globals |= CALLED
    environment.filters |= FILTERS
    return environment
