"""The filters of an address as text, each with a link that removes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from campus_helpdesk.web.shared.template_filters import at_least, exact
from tickets.categories import Category
from tickets.filter_fields import parse_moment
from tickets.lifecycle import Status
from tickets.ticket_counters import Count
from tickets.triage_metrics import Outcome

LONGEST_SHOWN = 80  # characters of a search
# What a drill-down adds to the filters: its analysis. With other filters it no longer belongs to it.
ORIGIN = ("analysis", "counted", "as_of")


@dataclass(frozen=True)
class Told:
    """A filter as text, and the address without it."""

    words: str
    href: str
    is_search: bool


def without(asked: QueryDict, *names: str) -> QueryDict:
    """The same filters except these, from the first page on."""
    query = asked.copy()
    for name in (*names, "cursor", *ORIGIN):
        query.pop(name, None)
    return query


def tell_filters(asked: QueryDict, *, with_view: bool = False) -> list[Told]:
    """For an address with valid filters. Status and doubt only `with_view`: if the page does not show them
    already."""
    tellers = (VIEW_TELLERS if with_view else {}) | TELLERS
    return [
        Told(tell(asked), f"?{without(asked, *names).urlencode()}", is_search=names == ("q",))
        for names, tell in tellers.items()
        if any(name in asked for name in names)
    ]


def describe_found(count: str, asked: QueryDict, labels: Iterable[str]) -> str:
    """The heading of a filtered list: "12 tickets found for “wifi” · Open". labels: active choices."""
    search = f" for “{shorten(asked['q'])}”" if "q" in asked else ""
    return " · ".join([f"{count} found{search}", *labels])


def describe_title(heading: str, told: Iterable[Told]) -> str:
    """The heading with the filters that are below it on the page; the heading names the search."""
    return " · ".join([heading, *(filter.words for filter in told if not filter.is_search)])


def count_in_words(count: Count) -> str:
    """As "1 ticket", "No tickets"; "1,000+ tickets" if they were not counted completely."""
    if count.is_capped:
        return f"{at_least(count.number)}+ tickets" if count.number else "Tickets"
    shown = f"{count.number:,}" if count.number else "No"
    return f"{shown} ticket{'' if count.number == 1 else 's'}"


def shorten(text: str) -> str:
    """A pasted text as one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


def say_moment(raw: str) -> str:
    raw = raw.strip()  # as the filter parses it
    moment = parse_moment(raw)
    return f"{moment:%-d %B %Y}" if len(raw) <= 10 else exact(moment)


def say_month(raw: str) -> str:
    return f"{datetime.strptime(raw, '%Y-%m'):%B %Y}"


def say_months(asked: QueryDict) -> str:
    first, last = asked.get("from_month"), asked.get("until_month")
    if first == last:
        return f"Reported in {say_month(first)}"
    start = f" from {say_month(first)}" if first else ""
    return f"Reported{start}{f' to {say_month(last)}' if last else ' on'}"


def say_hour(asked: QueryDict) -> str:
    hour = int(asked["opened_hour"])
    return f"Reported from {hour:02d}:00 to {(hour + 1) % 24:02d}:00"


def say_statuses(asked: QueryDict) -> str:
    labels = [Status(value).label for value in dict.fromkeys(asked.getlist("status"))]
    return " or ".join(labels).capitalize()


def say_outcomes(asked: QueryDict) -> str:
    chosen = set(asked.getlist("outcome"))
    if chosen == set(Outcome):
        return "Filed by the system"
    return " or ".join(outcome.label for outcome in Outcome if outcome.value in chosen).capitalize()


def either(name: str, yes: str, no: str) -> Callable[[QueryDict], str]:
    return lambda asked: yes if asked[name] == "true" else no


def at_moment(name: str, words: str) -> Callable[[QueryDict], str]:
    return lambda asked: f"{words} {say_moment(asked[name])}"


Tellers = dict[tuple[str, ...], Callable[[QueryDict], str]]
VIEW_TELLERS: Tellers = {("status",): say_statuses, ("needs_review",): lambda asked: "Please check"}
TELLERS: Tellers = {
    ("q",): lambda asked: f"Searched for “{shorten(asked['q'])}”",
    ("building",): lambda asked: f"Building {asked['building']}",
    ("building_is",): lambda asked: f"Building {asked['building_is']}",
    ("building_not",): lambda asked: f"Every building but {len(set(asked.getlist('building_not')))}",
    ("has_building",): either("has_building", "With a building", "Without a building"),
    ("opened_after",): at_moment("opened_after", "Opened from"),
    ("opened_before",): at_moment("opened_before", "Opened before"),
    ("opened_until",): lambda asked: f"Opened until {say_moment(asked['opened_until'])} (included)",
    ("from_month", "until_month"): say_months,
    ("opened_weekday",): lambda asked: f"Reported on a {asked['opened_weekday'].capitalize()}",
    ("opened_hour",): say_hour,
    ("time_zone",): lambda asked: f"Months, days and hours of {asked['time_zone'].strip()}",
    ("is_answered",): either("is_answered", "Answered by the helpdesk", "Not answered by the helpdesk"),
    ("filed_as",): lambda asked: f"Filed by the system as {Category(asked['filed_as']).label}",
    ("outcome",): say_outcomes,
    ("was_open_at",): at_moment("was_open_at", "Open just before"),
    ("was_active_at",): at_moment("was_active_at", "Active just before"),
    ("was_unclosed_at",): at_moment("was_unclosed_at", "Not closed just before"),
}
