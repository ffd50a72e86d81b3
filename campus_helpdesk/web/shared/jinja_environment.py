"""The functions and filters of all templates."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template import defaultfilters
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.jinja import htmx_script
from jinja2 import ChainableUndefined, Environment, pass_context
from jinja2.runtime import Context

from campus_helpdesk.entrance.unsent import describe_refused
from campus_helpdesk.web.shared import labels, relative_time, template_filters
from campus_helpdesk.web.shared.highlight import deciding_words
from campus_helpdesk.web.shared.list_context import carry_list
from campus_helpdesk.web.shared.news import read_news


@lru_cache(maxsize=1024)
def url(name: str, *args: object) -> str:
    """Cached: a list needs the address of each row again and again."""
    return reverse(name, args=args)


def url_if_any(name: str, *args: object) -> str:
    """Empty if the site has no such address."""
    try:
        return url(name, *args)
    except NoReverseMatch:
        return ""


def shared_csrf_input(request: HttpRequest) -> dict[str, object]:
    """The hidden field of all forms of a page: each masked token costs a random text. A page without a form
    makes none, and sets no cookie."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


@pass_context
def refused_form(context: Context, status: int, is_stale: bool) -> dict[str, Any]:
    """What was sent and is refused on this page."""
    return describe_refused(context.get("request"), status, is_stale=bool(is_stale))


FUNCTIONS = {
    "carry_list": carry_list,
    "category_badge": template_filters.category_badge,
    "home_url": template_filters.home_url,
    "htmx_script": htmx_script,
    "icon": template_filters.icon,
    "read_news": read_news,
    "refused_form": refused_form,
    "start_url": template_filters.start_url,
    "state_badge": template_filters.state_badge,
    "static": static,
    "status_badge": template_filters.status_badge,
    "url": url,
    "url_if_any": url_if_any,
}
FILTERS = {
    "age": template_filters.age,
    "ago": template_filters.ago,
    "round_up_length": relative_time.round_up_length,
    "round_down": template_filters.round_down,
    "capfirst": defaultfilters.capfirst,
    "category_icon": template_filters.category_icon,
    "category_label": template_filters.category_label,
    "date_and_time": template_filters.date_and_time,
    "date": defaultfilters.date,
    "deciding_words": deciding_words,
    "event_label": labels.event_label,
    "field_label": labels.field_label,
    "floatformat": defaultfilters.floatformat,
    "marked_description": template_filters.marked_description,
    "pluralize": defaultfilters.pluralize,
    "role_label": labels.role_label,
    "thousands": template_filters.thousands,
    "truncatechars": defaultfilters.truncatechars,
    "evidence_words": template_filters.evidence_words,
    "value_label": labels.value_label,
}


def make_environment(**options: Any) -> Environment:
    """What a page does not define is empty, including attributes of it."""
    environment = Environment(**options | {"undefined": ChainableUndefined})  # noqa: S701 - Django asks to escape
    environment.globals |= FUNCTIONS
    environment.filters |= FILTERS
    return environment
