import pytest
from django.http import QueryDict

from campus_helpdesk.web.shared.active_filters import (
    DESCRIBERS,
    VIEW_DESCRIBERS,
    list_active_filters,
    without_filters,
)
from tickets.filters import DeskFilter

DIGEST = "0123456789abcdef"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=dead lift", "Search: “dead lift”"),
        ("building=library", "Building library"),
        ("building_is=Library", "Building Library"),
        (f"building_not={DIGEST}&building_not={DIGEST[::-1]}", "All buildings except 2"),
        ("has_building=false", "Without a building"),
        ("opened_after=2026-03-01", "Opened from 1 March 2026"),
        ("opened_after=2026-03-01T11:30:00Z", "Opened from 1 March 2026, 12:30 CET"),
        ("opened_before= 2026-03-01T11:30:00.000001Z", "Opened before 1 March 2026, 12:30 CET"),
        ("opened_until=2026-03-31", "Opened until 31 March 2026 (included)"),
        ("from_month=2026-03&until_month=2026-03", "Opened in March 2026"),
        ("from_month=2025-12&until_month=2026-03", "Opened from December 2025 to March 2026"),
        ("from_month=2025-12", "Opened from December 2025 on"),
        ("until_month=2026-03", "Opened until March 2026"),
        ("opened_weekday=monday", "Opened on a Monday"),
        ("opened_hour=9", "Opened from 09:00 to 10:00"),
        ("opened_hour=23", "Opened from 23:00 to 00:00"),
        ("is_answered=true", "Answered by the helpdesk"),
        ("is_answered=false", "Not answered by the helpdesk"),
        ("solved=yes", "Solved, says the reporter"),
        ("solved=no", "Not solved, says the reporter"),
        ("solved=yes&solved=no", "The reporter said whether it is solved"),
        ("was_open_at=2026-03-02", "Open just before 2 March 2026"),
        ("was_active_at=2026-03-01T23:00:00Z", "Active just before 2 March 2026, 00:00 CET"),
        ("was_unclosed_at=2026-03-01T23:00:00Z", "Unresolved just before 2 March 2026, 00:00 CET"),
    ],
)
def test_filter_has_a_label_and_a_link_that_removes_it(query, words):
    (active,) = list_active_filters(QueryDict(f"status=open&{query}&cursor=x&analysis=a&counted=3&as_of=b"))
    assert (active.label, active.href) == (words, "?status=open")


def test_view_is_listed_if_the_page_does_not_show_it():
    query = QueryDict("status=open&status=active&needs_review=true&q=lift")
    assert [active.label for active in list_active_filters(query, with_view=True)] == [
        "Open or active",
        "Category unsure",
        "Search: “lift”",
    ]
    assert [active.label for active in list_active_filters(query)] == ["Search: “lift”"]


def test_without_filters_leaves_the_others():
    query = QueryDict("status=open&status=active&q=lift&cursor=x&counted=3")
    assert without_filters(query, "q").urlencode() == "status=open&status=active"
    assert query["q"] == "lift"


def test_every_filter_of_the_desk_is_listed_and_removable():
    described = {name for names in (*DESCRIBERS, *VIEW_DESCRIBERS) for name in names}
    assert set(DeskFilter.base_filters) - described == {"category"}  # a list of its own
