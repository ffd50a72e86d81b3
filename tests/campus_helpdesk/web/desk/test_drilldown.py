"""From a result to the list and back. That every number is right: tests/test_drilldown.py."""

import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection

from analytics_gateway.models import Analysis
from campus_helpdesk.web.desk import drilldown
from campus_helpdesk.web.shared import ticket_list
from messaging.actions import post_message
from tests.support.analyses import finish, make_running, result_text
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import count_statements, summaries_of, text_of
from tickets.actions import activate_ticket, close_ticket

AS_OF = "2026-04-01T10:00:00.000000Z"
NUMBERS = {
    "columns": [
        {"name": "category", "label": "Category", "unit": ""},
        {"name": "active", "label": "Active tickets", "unit": "tickets"},
    ],
    "rows": [["it", 2], ["services", 0]],
    "headline": {"value": 2, "label": "tickets are active now", "unit": "tickets"},
}
DRILLDOWNS = {
    "headline": {"count": 2, "filters": {"status": ["active"]}},
    "rows": [{"active": {"count": 2, "filters": {"status": ["active"], "category": ["it"]}}}, {}],
}


def make_done(**changes) -> Analysis:
    return finish(make_running(service="active-by-category"), result_text(**NUMBERS | changes))


def make_active(count: int) -> list:
    return [make_ticket("active", description="The wifi is down") for _ in range(count)]


def show(helpdesk, analysis: Analysis) -> str:
    return text_of(helpdesk.get(f"/desk/analytics/{analysis.pk}/"))


def lead(origin: Analysis, **changes) -> str:
    """The address behind the row's number."""
    query = {"status": "active", "category": "it", "analysis": origin.pk, "counted": 2, "as_of": AS_OF}
    return f"/desk/?{urlencode(query | changes)}"


def test_count_with_a_drilldown_is_a_link_and_zero_is_not(helpdesk):
    analysis = make_done(doors=DRILLDOWNS)
    page = show(helpdesk, analysis)
    assert f'<td class="right"><a class="count" href="{lead(analysis)}">2<' in page
    assert '<td class="right">0</td>' in page
    assert f'<a href="{lead(analysis, category="")}">Show these tickets</a>'.replace("category=&", "") in page


def test_result_without_drilldowns_is_shown_without_links(helpdesk):
    analysis = make_done()
    assert "doors" not in analysis.result
    page = show(helpdesk, analysis)
    assert "2 tickets are active now" in page
    assert '<td class="right">2</td>' in page
    assert "/desk/?" not in page


def test_result_shows_that_tickets_have_changed_since(helpdesk):
    analysis = make_done(doors=DRILLDOWNS)
    assert "Tickets have changed since." not in show(helpdesk, analysis)
    make_ticket()
    page = show(helpdesk, analysis)
    assert "Tickets have changed since." in page
    assert '<button class="button primary">Update</button>' in page


def test_list_names_its_analysis_and_what_has_changed(helpdesk):
    tickets, analysis = make_active(2), make_done(doors=DRILLDOWNS)
    page = text_of(helpdesk.get(lead(analysis)))
    assert len(summaries_of(helpdesk.get(lead(analysis)))) == 2
    assert f'<a href="/desk/analytics/{analysis.pk}/">“Active tickets by category”</a>, as of' in page
    assert "1 April 2026, 12:00 CEST</time>: 2 tickets." in page
    assert "changed since" not in page
    close_ticket(tickets[0], by=HELPDESK)
    assert "2 then, 1 now: changed since." in text_of(helpdesk.get(lead(analysis)))


@pytest.mark.parametrize(
    ("tickets", "counted", "notice"),
    [
        (2, 2, ""),
        (2, 1, "1 then, 2 now: changed since."),
        (3, 3, ""),
        (4, 2, "2 then, 3+ now: changed since."),
        (4, 9, ""),  # both are more than are counted: unknown
    ],
)
def test_list_is_compared_with_its_number_as_far_as_it_is_counted(
    helpdesk, monkeypatch, tickets, counted, notice
):
    for module in (ticket_list, drilldown):
        monkeypatch.setattr(module, "MAX_COUNTED", 3)
    for _ in range(4):  # of another status: the side bar's own count ends before these are found
        make_ticket()
    make_active(tickets)
    page = text_of(
        helpdesk.get(lead(make_done(doors=DRILLDOWNS), counted=counted, opened_after="2020-01-01"))
    )
    assert f": {counted} ticket" in page
    assert (notice in page) if notice else ("changed since" not in page)


def test_list_that_is_searched_is_counted_with_its_notes(helpdesk, monkeypatch):
    for module in (ticket_list, drilldown):
        monkeypatch.setattr(module, "MAX_COUNTED", 1)
    make_ticket(description="The spare bulb"), make_ticket(description="A spare key")
    post_message(make_active(1)[0], by=HELPDESK, body="Spare part ordered", is_internal=True)
    page = text_of(helpdesk.get(lead(make_done(doors=DRILLDOWNS), counted=1, q="spare")))
    assert ": 1 ticket." in page
    assert "changed since" not in page


def test_list_without_a_drilldown_mentions_no_analysis(helpdesk):
    make_active(1)
    assert "as of" not in text_of(helpdesk.get("/desk/?status=active"))


def test_list_of_a_deleted_analysis_still_shows_its_count(helpdesk):
    page = text_of(helpdesk.get(lead(Analysis(pk=uuid4()))))
    assert "From an analysis that has been deleted, as of" in page
    assert "2 then, 0 now: changed since." in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("analysis", "7"),
        ("counted", "many"),
        ("counted", "0"),
        ("counted", "9" * 400),
        ("as_of", "noon"),
        ("analysis", ""),
        ("counted", ""),
        ("as_of", ""),
    ],
)
def test_list_refuses_an_incomplete_drilldown_naming_the_parameter(helpdesk, name, value):
    answer = helpdesk.get(lead(make_done(doors=DRILLDOWNS), **{name: value}))
    assert answer.status_code == 400
    label = {"analysis": "Analysis", "counted": "Counted", "as_of": "As of"}[name]
    assert f"<strong>{label}</strong>:" in text_of(answer)


def test_portal_and_api_refuse_drilldown_parameters(helpdesk):
    for path in ("/tickets/", "/api/v1/tickets/"):
        assert helpdesk.get(f"{path}?counted=2").status_code == 400


def test_another_view_keeps_the_filters_and_drops_the_analysis(helpdesk):
    make_active(2)
    address = lead(make_done(doors=DRILLDOWNS), opened_after="2020-01-01T00:00:00Z", from_month="2020-01")
    page = helpdesk.get(address)
    links = re.findall(r'href="([^"]*from_month=[^"]*)"', text_of(page))
    assert len(links) >= 8
    for link in links:
        assert not re.search(r"counted|as_of|analysis=", link)
    for view in page.context["sidebar"]["views"] + page.context["sidebar"]["categories"]:
        assert len(summaries_of(helpdesk.get(view["href"]))) == view["count"].number, view
    assert '<input type="hidden" name="opened_after" value="2020-01-01T00:00:00Z">' in text_of(page)


def test_status_that_is_not_a_view_of_the_sidebar_is_listed_as_a_filter(helpdesk):
    both = text_of(helpdesk.get("/desk/?status=open&status=active"))
    assert '<a class="chip" href="?">Open or active' in both
    assert 'class="chip"' not in text_of(helpdesk.get("/desk/?status=open"))


def test_drilldown_costs_one_statement(helpdesk):
    make_active(2)
    analysis = make_done(doors=DRILLDOWNS)
    plain = count_statements(connection, helpdesk, "/desk/?status=active&category=it")
    assert count_statements(connection, helpdesk, lead(analysis)) == plain + 1


def test_moves_return_to_the_list_of_the_drilldown(helpdesk):
    tickets, analysis = make_active(2), make_done(doors=DRILLDOWNS)
    form = {"ticket": tickets[0].pk, "move": "close", "next": lead(analysis)}
    answer = helpdesk.post("/desk/move/", form, follow=True)
    assert "2 then, 1 now: changed since." in text_of(answer)
    activate_ticket(make_ticket(description="The wifi is slow"), by=HELPDESK)
    assert "changed since" not in text_of(helpdesk.get(lead(analysis)))
