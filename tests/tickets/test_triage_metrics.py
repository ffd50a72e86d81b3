from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.factories import HELPDESK, LAMP, LAPTOP, USER, file, make_ticket, shift, store_as_is
from tests.support.triage_models import store_version
from tickets.actions import edit_ticket, repair_ticket
from tickets.models import Correction, ModelOrigin, Source, Ticket
from tickets.triage_metrics import (
    Outcome,
    TriageGroup,
    count_outcomes,
    find_mondays,
    list_versions,
    with_outcome,
)

pytestmark = pytest.mark.django_db


def outcomes() -> dict[int, tuple[str, str]]:
    shown = {"filed_as": F("filed_as"), "outcome": F("outcome")}
    found = with_outcome(Ticket.objects.all()).annotate(**shown).values_list("pk", "filed_as", "outcome")
    return {pk: (filed_as, outcome) for pk, filed_as, outcome in found}


def count(mondays: list[date] | None = None, zone: str = "UTC") -> list[TriageGroup]:
    return count_outcomes(mondays or find_mondays(2, timezone.now(), zone), zone, 0.7)


def test_outcome_compares_the_last_correction_with_triages_choice():
    unchecked, confirmed, changed, back = (make_ticket(description=LAMP) for _ in range(4))
    file(confirmed, "facility")
    file(changed, "it")
    file(file(back, "it", by=USER), "facility")
    assert outcomes() == {
        unchecked.pk: ("facility", "kept"),
        confirmed.pk: ("facility", "confirmed"),
        changed.pk: ("facility", "changed"),
        back.pk: ("facility", "confirmed"),
    }


def test_edited_text_is_categorised_again_until_a_person_has_chosen():
    ticket = make_ticket(description=LAMP)
    edit_ticket(ticket, by=USER, version=1, changes={"description": LAPTOP})
    assert outcomes() == {ticket.pk: ("it", "kept")}
    file(ticket, "services")
    edit_ticket(ticket, by=USER, version=ticket.version, changes={"description": LAMP})
    assert outcomes() == {ticket.pk: ("it", "changed")}


def test_repair_of_a_closed_ticket_counts_as_a_correction():
    ticket = make_ticket("closed", description=LAMP)
    repair_ticket(ticket, by=HELPDESK, reason="Wrong desk", changes={"category": "services"})
    assert outcomes() == {ticket.pk: ("facility", "changed")}


def test_imported_category_is_not_counted_as_triages():
    moment = timezone.now()
    given = {"description": LAMP, "category": "it", "category_source": Source.PERSON}
    store_as_is([Ticket(pk=7, opened_at=moment, modified_at=moment, **given)])
    file(Ticket.objects.get(pk=7), "facility")
    assert Correction.objects.filter(ticket=7, old="it", new="facility").exists()
    assert outcomes() == {}
    assert count() == []


def test_groups_have_week_categories_outcome_and_review():
    this, last, old = (make_ticket(description=LAMP) for _ in range(3))
    file(this, "it")
    shift(last, timedelta(days=7))
    shift(old, timedelta(days=21))
    assert set(count()) == {
        TriageGroup(1, "facility", "it", Outcome.CHANGED, needed_review=False, count=1),
        TriageGroup(0, "facility", "facility", Outcome.UNCHECKED, needed_review=False, count=1),
    }


def test_needed_review_is_known_after_a_person_has_checked():
    waiting, checked = (make_ticket(description="???") for _ in range(2))
    assert waiting.needs_review
    assert not file(checked, checked.category).needs_review
    assert {(group.outcome, group.needed_review) for group in count()} == {
        (Outcome.UNCHECKED, True),
        (Outcome.CONFIRMED, True),
    }


def test_weeks_begin_on_monday_in_the_campus_time_zone():
    sunday_evening = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    assert find_mondays(2, sunday_evening, "UTC") == [date(2026, 3, 16), date(2026, 3, 23)]
    assert find_mondays(2, sunday_evening, "Europe/Berlin") == [date(2026, 3, 23), date(2026, 3, 30)]


@pytest.mark.parametrize(("minutes", "week"), [(-1, 0), (0, 1)])
def test_weeks_change_at_midnight_in_the_campus_time_zone(minutes, week):
    """The clocks go forward in the night before this Monday: its midnight is at 22:00 UTC."""
    moment = datetime(2026, 3, 29, 22, tzinfo=UTC) + timedelta(minutes=minutes)
    filed = {"description": LAMP, "category": "facility", "triage_model": "1-x"}
    store_as_is([Ticket(pk=7, opened_at=moment, modified_at=moment, **filed)])
    groups = count([date(2026, 3, 23), date(2026, 3, 30)], "Europe/Berlin")
    assert [group.week for group in groups] == [week]


def test_count_outcomes_is_one_query():
    file(make_ticket(), "it")
    with CaptureQueriesContext(connection) as statements:
        assert count()
    assert len(statements) == 1


def test_list_versions_includes_the_newest_the_shipped_and_the_active_one():
    store_version("shipped", made_by=ModelOrigin.SHIPPED)
    store_version("old")
    store_version("active", is_active=True, activated_at=timezone.now())
    for number in range(3):
        store_version(f"new{number}")
    with CaptureQueriesContext(connection) as statements:
        versions = [row.version for row in list_versions(2)]
    assert versions == ["new2", "new1", "active", "shipped"]
    assert '"raw"' not in statements[0]["sql"]
