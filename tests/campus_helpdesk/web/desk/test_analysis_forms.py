import re

import pytest
from django.http import QueryDict

from campus_helpdesk.web.desk.analysis_forms import (
    AnalysisForm,
    format_params,
    length_in_words,
    make_forms,
    read_params,
)


@pytest.mark.parametrize(
    ("sent", "params"),
    [
        ("service=unresolved&period=7&period_unit=d", {"period": "7d"}),
        ("service=unresolved&period=036&period_unit=h", {"period": "36h"}),
        ("service=unresolved&period=24h", {"period": "24h"}),
        ("service=unresolved&period=x&period_unit=d", {"period": "x"}),
        ("service=resolution-time&from=2025-01&until=&months=", {"from": "2025-01"}),
        ("service=resolution-time&from=&until=&months=12", {"months": "12"}),
        ("service=resolution-time&from=&until=&months=", {}),
        ("service=resolution-time&from=2025-01&until=&months=12", {"from": "2025-01"}),
        ("service=resolution-time&from=2025-01&months=3", {"from": "2025-01", "months": "3"}),
        ("service=active-by-category&period=7d", {}),
        ("service=no-such&period=7d", {}),
        ("", {}),
    ],
)
def test_read_params_returns_the_fields_that_were_filled_in(sent, params):
    assert read_params(QueryDict(sent)) == params


def find_form(service: str, sent: str = "", errors: dict | None = None) -> AnalysisForm:
    return next(form for form in make_forms(QueryDict(sent), errors) if form.name == service)


def values_of(pieces: list[dict]) -> dict[str, str]:
    return {piece["field"].name: piece["field"].value() for piece in pieces if "field" in piece}


def test_forms_place_each_parameter_in_their_prompt():
    form = find_form("unresolved")
    words = "".join(piece.get("text") or "[7 days]" for piece in form.pieces)
    assert words == "Unresolved tickets that were opened in the last [7 days]"
    assert values_of(form.pieces) == {"period": "7d"}


def test_period_has_a_labelled_number_and_a_labelled_unit():
    shown = str(find_form("unresolved", "service=unresolved&period=36&period_unit=h")["period"])
    number, unit = re.search("<input[^>]*>", shown)[0], re.search("<select[^>]*>", shown)[0]
    assert all(
        part in number for part in ('name="period"', 'value="36"', 'id="unresolved-period"', "required")
    )
    assert all(part in unit for part in ('name="period_unit"', 'aria-label="Unit"'))
    assert '<option value="h" selected>hours</option>' in shown


def test_form_with_months_offers_the_last_twelve_and_collapses_the_range():
    form = find_form("resolution-time")
    assert values_of(form.pieces) == {"months": "12"}
    assert values_of(form.advanced["pieces"]) == {"from": "", "until": ""}
    assert form.advanced["summary"] == "or choose months"
    assert not form.advanced["is_open"]
    assert find_form("unresolved").advanced is None


@pytest.mark.parametrize(
    ("sent", "errors", "is_open"),
    [
        ("service=resolution-time&months=0", {"months": ["Too few."]}, False),
        ("service=resolution-time&months=&from=2025-13", {"from": ["No month."]}, True),
        ("service=resolution-time&months=3&until=2025-01", {"months": ["Not both."]}, True),
        ("service=unresolved&period=0&from=2025-01", {"period": ["Too short."]}, False),
    ],
)
def test_advanced_fields_are_open_if_one_is_filled_in(sent, errors, is_open):
    assert find_form("resolution-time", sent, errors).advanced["is_open"] == is_open


def test_only_the_submitted_form_shows_values_and_errors():
    sent = QueryDict("service=unresolved&period=0&period_unit=h")
    forms = {form.name: form for form in make_forms(sent, {"period": ["Too short."]})}
    assert forms["unresolved"]["period"].value() == "0h"
    assert forms["unresolved"].errors == {"period": ["Too short."]}
    assert str(forms["unresolved"]["period"]).count('aria-invalid="true"') == 2
    assert forms["resolution-time"].errors == {}


@pytest.mark.parametrize(
    ("service", "params", "words"),
    [
        ("unresolved", {"period": "7d"}, "last 7 days"),
        ("unresolved", {"period": "1h"}, "last hour"),
        ("resolution-time", {"from": "2025-01", "until": "2026-03"}, "from January 2025 to March 2026"),
        ("resolution-time", {"until": "2026-03"}, "to March 2026"),
        ("resolution-time", {"months": 12}, "last 12 months"),
        ("backlog", {"days": 1}, "today"),
        ("rush-hours", {"months": 1}, "this month"),
        ("resolution-time", {}, ""),
        ("gone", {"x": "y"}, ""),
    ],
)
def test_format_params_describes_ranges_and_lengths(service, params, words):
    assert format_params(service, params) == words


def test_format_params_handles_every_unit():
    weeks = {"name": "weeks", "kind": "count"}
    assert [length_in_words(weeks, value) for value in (1, "1", 12)] == [
        "this week",
        "this week",
        "last 12 weeks",
    ]
