"""The filters of an address as text, each with a link that removes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import QueryDict

from campus_helpdesk.web.shared.template_filters import format_exact, round_down
from common.formatting import format_month
from tickets.categories import Category
from tickets.filter_fields import parse_moment
from tickets.lifecycle import Status
from tickets.ticket_counters import Count
from tickets.triage_metrics import Outcome

MAX_SHOWN_LENGTH = 80  # characters of a search
# What a drill-down adds to the filters: its analysis. With other filters it no longer belongs to it.
ORIGIN_FIELDS = ("analysis", "counted", "as_of")


@dataclass(frozen=True)
class ActiveFilter:
    """A filter as text, and the address without it."""

    label: str
    href: str
    is_search: bool


def without_filters(query: QueryDict, *names: str) -> QueryDict:
    """The same filters except these, from the first page on."""
    rest = query.copy()
    for name in (*names, "cursor", *ORIGIN_FIELDS):
        rest.pop(name, None)
    return rest


def list_active_filters(query: QueryDict, *, with_view: bool = False) -> list[ActiveFilter]:
    """For an address with valid filters. `status`, `is_mine` and `needs_review` only `with_view`: if the page
    does not show them already."""
    describers = (VIEW_DESCRIBERS if with_view else {}) | DESCRIBERS
    return [
        ActiveFilter(
            describe(query), f"?{without_filters(query, *names).urlencode()}", is_search=names == ("q",)
        )
        for names, describe in describers.items()
        if any(name in query for name in names)
    ]


def found_heading(count: str, query: QueryDict, labels: Iterable[str]) -> str:
    """The heading of a filtered list: "12 tickets found for “wifi” · Open". labels: active choices."""
    search = f" for “{shorten(query.get('q', ''))}”" if "q" in query else ""
    return " · ".join([f"{count} found{search}", *labels])


def page_title(heading: str, active_filters: Iterable[ActiveFilter]) -> str:
    """The heading with the filters that are below it on the page; the heading names the search."""
    return " · ".join([heading, *(active.label for active in active_filters if not active.is_search)])


def format_count(count: Count) -> str:
    """As "1 ticket", "No tickets"; "1,000+ tickets" if they were not counted completely."""
    if count.is_capped:
        return f"{round_down(count.number)}+ tickets" if count.number else "Tickets"
    shown = f"{count.number:,}" if count.number else "No"
    return f"{shown} ticket{'' if count.number == 1 else 's'}"


def shorten(text: str) -> str:
    """A pasted text as one line."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_LENGTH else f"{line[: MAX_SHOWN_LENGTH - 1]}…"


def format_moment(raw: str) -> str:
    raw = raw.strip()  # as the filter parses it
    moment = parse_moment(raw)
    return f"{moment:%-d %B %Y}" if len(raw) <= 10 else format_exact(moment)


def describe_months(query: QueryDict) -> str:
    first, last = query.get("from_month", ""), query.get("until_month", "")
    if first == last:
        return f"Opened in {format_month(first)}"
    if first and last:
        return f"Opened from {format_month(first)} to {format_month(last)}"
    return f"Opened from {format_month(first)} on" if first else f"Opened until {format_month(last)}"


def describe_hour(query: QueryDict) -> str:
    hour = int(query.get("opened_hour", ""))
    return f"Opened from {hour:02d}:00 to {(hour + 1) % 24:02d}:00"


def describe_statuses(query: QueryDict) -> str:
    labels = [Status(value).label for value in dict.fromkeys(query.getlist("status"))]
    return " or ".join(labels).capitalize()


def describe_outcomes(query: QueryDict) -> str:
    chosen = set(query.getlist("outcome"))
    if chosen == set(Outcome):
        return "Category chosen automatically"
    return " or ".join(outcome.label for outcome in Outcome if outcome.value in chosen).capitalize()


def describe_solved(query: QueryDict) -> str:
    answers = set(query.getlist("solved"))
    if len(answers) > 1:
        return "The reporter said whether it is solved"
    return "Solved, says the reporter" if "yes" in answers else "Not solved, says the reporter"


def yes_or_no(name: str, yes: str, no: str) -> Callable[[QueryDict], str]:
    return lambda query: yes if query.get(name) == "true" else no


def with_moment(name: str, label: str) -> Callable[[QueryDict], str]:
    return lambda query: f"{label} {format_moment(query.get(name, ''))}"


Describers = dict[tuple[str, ...], Callable[[QueryDict], str]]
VIEW_DESCRIBERS: Describers = {
    ("status",): describe_statuses,
    ("is_mine",): lambda query: "Mine",
    ("needs_review",): lambda query: "Category unsure",
}
DESCRIBERS: Describers = {
    ("q",): lambda query: f"Search: “{shorten(query.get('q', ''))}”",
    ("building",): lambda query: f"Building {query.get('building', '')}",
    ("building_is",): lambda query: f"Building {query.get('building_is', '')}",
    ("building_not",): lambda query: f"All buildings except {len(set(query.getlist('building_not')))}",
    ("has_building",): yes_or_no("has_building", "With a building", "Without a building"),
    ("opened_after",): with_moment("opened_after", "Opened from"),
    ("opened_before",): with_moment("opened_before", "Opened before"),
    ("opened_until",): lambda query: (
        f"Opened until {format_moment(query.get('opened_until', ''))} (included)"
    ),
    ("from_month", "until_month"): describe_months,
    ("opened_weekday",): lambda query: f"Opened on a {query.get('opened_weekday', '').capitalize()}",
    ("opened_hour",): describe_hour,
    ("time_zone",): lambda query: f"Months, days and hours in {query.get('time_zone', '').strip()}",
    ("is_answered",): yes_or_no("is_answered", "Answered by the helpdesk", "Not answered by the helpdesk"),
    ("filed_as",): lambda query: f"Automatically categorised as {Category(query.get('filed_as', '')).label}",
    ("outcome",): describe_outcomes,
    ("solved",): describe_solved,
    ("was_open_at",): with_moment("was_open_at", "Open just before"),
    ("was_active_at",): with_moment("was_active_at", "Active just before"),
    ("was_unclosed_at",): with_moment("was_unclosed_at", "Unresolved just before"),
}
