"""Category accuracy: its numbers, the lists behind them, the change to another version."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campus_helpdesk.web.desk.category_accuracy import OutcomeCounts, format_share
from tests.support.factories import HELPDESK, LAMP, LAPTOP, file, make_ticket, shift
from tests.support.pages import count_statements, summaries_of, text_of
from tests.support.triage_models import (
    WITH_FIGURES,
    make_active,
    store_shipped_version,
    store_version,
)
from tickets.learning.active_model import get_active_model
from tickets.models import Ticket, TriageModel
from tickets.second_opinions import report_sentence_model
from tickets.triage import load_shipped_model

PAGE = "/desk/quality/"
REASON = "Of 100 texts that nobody trains on it files 50 right, the running model 91."


def make_reviewed() -> list[Ticket]:
    """Facility four times: kept, confirmed, changed to IT twice; one of the changed a week ago."""
    tickets = [make_ticket(description=f"{LAMP}, number {number}") for number in range(4)]
    file(tickets[1], "facility")
    file(tickets[2], "it")
    file(tickets[3], "it")
    shift(tickets[3], timedelta(days=7))
    return tickets


def test_page_without_tickets_explains_why_it_is_empty(helpdesk):
    page = text_of(helpdesk.get(PAGE))
    assert "No automatic categories" in page
    assert "No ticket is waiting for review." in page
    assert "In use" in page


def test_headline_counts_changed_and_checked_tickets(helpdesk):
    make_reviewed()
    page = text_of(helpdesk.get(PAGE))
    assert "People changed 50 % of the automatic categories: 2 of 4 tickets." in page
    assert "They checked 3 tickets: the category was right in 33 % of these." in page


def test_headline_without_checked_tickets_states_no_accuracy(helpdesk):
    make_ticket()
    page = text_of(helpdesk.get(PAGE))
    assert "People changed 0 % of the automatic categories: 0 of 1 ticket." in page
    assert "No category has been confirmed or changed yet." in page


def test_twelve_weeks_are_listed_newest_first_including_empty_ones(helpdesk):
    make_reviewed()
    weeks = helpdesk.get(PAGE).context["weeks"]
    assert [week["counts"] for week in weeks[:3]] == [
        OutcomeCounts(1, 1, 1),
        OutcomeCounts(0, 0, 1),
        OutcomeCounts(0, 0, 0),
    ]
    assert len(weeks) == 12
    assert all(week["monday"].weekday() == 0 for week in weeks)
    assert weeks[0]["monday"] - weeks[11]["monday"] == timedelta(days=77)
    assert weeks[0]["bar"] == [
        ("changed", 0.0, 33.33),
        ("confirmed", 33.33, 33.33),
        ("unchecked", 66.66, 33.33),
    ]
    assert [width for _kind, _left, width in weeks[2]["bar"]] == [0, 0, 0]


def test_every_number_links_to_as_many_tickets(helpdesk):
    make_reviewed()
    file(make_ticket(description=LAPTOP), "services")
    page = text_of(helpdesk.get(PAGE))
    links = re.findall(r'<a class="count" href="([^"]+)">([\d,]+)<', page)
    assert len(links) == 4 + 2 + 3
    for href, number in links:
        assert len(summaries_of(helpdesk.get(href))) == int(number), href


def test_list_behind_a_number_names_its_filters(helpdesk):
    make_reviewed()
    page = text_of(helpdesk.get("/desk/?filed_as=facility&category=it&outcome=changed"))
    assert "Automatically categorised as Facility management" in page
    assert "Changed by a person" in page
    assert len(summaries_of(helpdesk.get("/desk/?outcome=kept&outcome=confirmed"))) == 2
    every = text_of(helpdesk.get("/desk/?outcome=kept&outcome=confirmed&outcome=changed"))
    assert '<a class="chip" href="?">Category chosen automatically' in every


def test_outcome_filters_exist_at_the_desk_only(helpdesk):
    assert helpdesk.get("/desk/?outcome=nonsense").status_code == 400
    assert helpdesk.get("/tickets/?outcome=kept").status_code == 400
    assert helpdesk.get("/api/v1/tickets/?filed_as=it").status_code == 400


def test_confusion_compares_automatic_and_corrected_categories(helpdesk):
    make_reviewed()
    rows = helpdesk.get(PAGE).context["confusion"]
    counts = [[cell["count"] for cell in row["cells"]] for row in rows]
    assert counts == [[1, 2, 0], [0, 0, 0], [0, 0, 0]]
    assert [row["counts"].share_right for row in rows] == ["33 %", "–", "–"]


def test_unsure_tickets_are_counted_and_link_to_those_waiting_for_review(helpdesk):
    tickets = [make_ticket(description="???") for _ in range(3)]
    file(tickets[0], tickets[0].category)
    answer = helpdesk.get(PAGE)
    assert answer.context["unsure"] == OutcomeCounts(2, 1, 0)
    assert answer.context["sure"] == OutcomeCounts(0, 0, 0)
    assert "2 tickets are waiting for review" in text_of(answer)
    assert len(summaries_of(helpdesk.get(answer.context["waiting_href"]))) == 2


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (1, 1000, "under 1 %"),
        (1, 3, "33 %"),
        (999, 1000, "over 99 %"),
        (9, 9, "100 %"),
    ],
)
def test_share_never_rounds_to_none_or_all(part, whole, words):
    assert format_share(part, whole) == words


def test_shipped_model_is_listed_before_any_training(helpdesk):
    (version,) = helpdesk.get(PAGE).context["versions"]
    assert version["version"] == load_shipped_model().version
    assert version["is_used"]
    assert not version["may_be_used"]
    assert [label for label, _share in version["figures"]][1:] == [
        "Facility management",
        "Technical IT",
        "Services complaints",
    ]


def test_versions_show_which_is_in_use_and_why_one_was_refused(helpdesk):
    store_shipped_version()
    store_version("2-refused", refusal=REASON, **WITH_FIGURES)
    active = make_active(activated_by_name="Hedda")
    answer = helpdesk.get(PAGE)
    page = text_of(answer)
    states = [(v["version"], v["is_used"], v["may_be_used"]) for v in answer.context["versions"]]
    assert states == [
        (active.version, True, False),
        ("2-refused", False, False),
        (load_shipped_model().version, False, True),
    ]
    assert f"Not used because: {REASON}" in page
    assert "by Hedda" in page
    assert "from 12 tickets" in page
    assert "91.0 %" in page


def test_damaged_version_is_not_shown_as_in_use(helpdesk):
    shipped = store_shipped_version()
    store_version("3-damaged", sha256="", is_active=True, activated_at=timezone.now(), **WITH_FIGURES)
    used = [v["version"] for v in helpdesk.get(PAGE).context["versions"] if v["is_used"]]
    assert used == [shipped.version]


def test_page_says_whether_a_second_opinion_is_in_use(helpdesk):
    assert "No second opinion is in use" in text_of(helpdesk.get(PAGE))
    report_sentence_model("model 1")
    assert "the sentence model model 1 reads the whole text" in text_of(helpdesk.get(PAGE))


def test_rollback_takes_one_click_and_names_its_author(helpdesk, django_capture_on_commit_callbacks):
    shipped = store_shipped_version()
    make_active()
    page = text_of(helpdesk.get(PAGE))
    assert f'name="version" value="{shipped.version}"' in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = helpdesk.post(f"{PAGE}use/", {"version": shipped.version}, follow=True)
    assert f"Version {shipped.version} categorises new tickets from now on." in text_of(answer)
    active = TriageModel.objects.get(is_active=True)
    assert (active.version, active.activated_by_name) == (shipped.version, HELPDESK.name)
    assert get_active_model().version == shipped.version


@pytest.mark.parametrize(
    ("version", "status"), [("2-refused", 409), ("nowhere", 404), ("", 404), ("\0", 400)]
)
def test_refused_or_missing_version_is_not_used(helpdesk, version, status):
    store_version("2-refused", refusal=REASON, **WITH_FIGURES)
    assert helpdesk.post(f"{PAGE}use/", {"version": version}).status_code == status
    assert not TriageModel.objects.filter(is_active=True).exists()


def test_page_is_the_helpdesks(user):
    store_shipped_version()
    assert user.get(PAGE).status_code == 403
    assert user.post(f"{PAGE}use/", {"version": load_shipped_model().version}).status_code == 403
    assert not TriageModel.objects.filter(is_active=True).exists()


@pytest.mark.parametrize("many", [1, 30])
def test_page_needs_the_same_statements_for_1_and_30_tickets(helpdesk, many):
    for number in range(many):
        file(make_ticket(), "it")
        store_version(f"2-{number}", **WITH_FIGURES)
    assert count_statements(connection, helpdesk, PAGE) == 5


def test_analytics_links_to_the_page(helpdesk):
    assert f'<a href="{PAGE}">Category accuracy</a>' in text_of(helpdesk.get("/desk/analytics/"))
