from datetime import timedelta

import pytest
from django.db.models import F

from campus_helpdesk.operations.integrity import check_integrity
from tests.support.factories import HELPDESK, USER, make_ticket, row
from tests.support.second_readings import VECTOR, make_moved_ticket, make_verdict, read_again
from tickets.actions import activate_ticket, close_ticket, correct_category, edit_ticket
from tickets.embeddings import DecidedBy, SentenceModelInUse, TicketEmbedding
from tickets.history import history_rows, visible_events
from tickets.models import Ticket
from tickets.second_opinions import (
    SecondReading,
    find_second_opinion,
    find_sentence_model_in_use,
    record_second_reading,
    report_sentence_model,
)
from tickets.ticket_counters import count_all

pytestmark = pytest.mark.django_db
LAMP = "The lamp in the corridor is broken"


def broken_rules() -> list[str]:
    return [finding.name for finding in check_integrity() if finding.violations]


def last_history_row(ticket: Ticket, role: str = "helpdesk"):
    return list(history_rows(visible_events(ticket, role).order_by("pgh_id"), role))[-1]


def test_different_category_is_written_as_the_machine():
    ticket = make_ticket(description=LAMP)
    modified_at = ticket.modified_at
    read_again(ticket, "services", needs_review=True)
    assert (ticket.category, ticket.category_source, ticket.needs_review) == ("services", "machine", True)
    assert (ticket.triage_confidence, ticket.version) == (0.6, 2)
    assert ticket.modified_at > modified_at
    last = last_history_row(ticket)
    assert (last.verb, last.by_role, last.by_name) == ("reread", "machine", "")
    assert last.reason == "A second opinion on the whole text decided."
    assert last.changes == {"category": ["facility", "services"]}
    assert count_all().total(["open"], ["services"], only_needs_review=True).number == 1
    assert broken_rules() == []


def test_reason_is_visible_only_to_the_helpdesk():
    ticket = read_again(make_ticket(description=LAMP), "services")
    assert last_history_row(ticket, "user").reason == ""


def test_equal_category_does_not_change_the_ticket():
    ticket = make_ticket(description=LAMP)
    before, events = row(ticket), ticket.events.count()
    read_again(ticket, "facility")
    assert (row(ticket), ticket.events.count()) == (before, events)
    assert ticket.embedding.decided_by == DecidedBy.WORDS
    assert find_second_opinion(ticket) is None


@pytest.mark.parametrize(("is_unsure", "word"), [(True, "unsure"), (False, "sure")])
def test_different_need_for_review_is_a_new_version(is_unsure, word):
    ticket = read_again(make_ticket(description=LAMP), "facility", needs_review=not is_unsure)
    read_again(ticket, "facility", needs_review=is_unsure)
    assert ticket.needs_review == is_unsure
    assert last_history_row(ticket).reason == f"A second opinion on the whole text agrees and is {word}."
    assert broken_rules() == []


def test_precedent_is_the_reason():
    precedent = make_moved_ticket("The wifi is slow on my laptop", to="facility")
    ticket = read_again(make_ticket(description="The wifi is slow"), "facility", precedent=precedent.pk)
    assert last_history_row(ticket).reason == f"Like ticket {precedent.pk}, which staff moved."
    opinion = find_second_opinion(ticket)
    assert (opinion.decided_by, opinion.precedent_id) == (DecidedBy.PRECEDENT, precedent.pk)
    assert broken_rules() == []


def test_category_chosen_by_a_person_is_not_changed():
    ticket = make_ticket(description=LAMP)
    correct_category(ticket, by=HELPDESK, category="it", version=1)
    before = row(ticket)
    read_again(ticket, "services")
    assert row(ticket) == before
    assert ticket.embedding.decided_by == DecidedBy.WORDS
    assert find_second_opinion(ticket) is None


def test_closed_ticket_is_not_changed():
    ticket = make_ticket("closed", description=LAMP)
    before = row(ticket)
    read_again(ticket, "services")
    assert row(ticket) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda ticket: correct_category(ticket, by=HELPDESK, category="it", version=ticket.version),
        lambda ticket: edit_ticket(
            ticket, by=USER, version=ticket.version, changes={"description": "The tap drips"}
        ),
        lambda ticket: activate_ticket(ticket, by=HELPDESK),
        lambda ticket: close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK),
    ],
)
def test_reading_of_an_earlier_version_does_nothing(change):
    ticket = make_ticket(description=LAMP)
    read = Ticket.objects.get(pk=ticket.pk)
    change(ticket)
    before = row(ticket)
    assert not record_second_reading(read, SecondReading("model 1", VECTOR, make_verdict(read, "services")))
    assert row(ticket) == before
    assert not TicketEmbedding.objects.exists()


def test_correction_by_a_person_replaces_a_second_reading():
    ticket = read_again(make_ticket(description=LAMP), "services")
    correct_category(ticket, by=HELPDESK, category="it", version=ticket.version)
    assert (ticket.corrections.get().old, ticket.category) == ("services", "it")
    assert find_second_opinion(ticket) is None


def test_edited_text_is_categorised_by_its_words_until_it_is_read_again():
    ticket = read_again(make_ticket(description=LAMP), "services")
    edit_ticket(ticket, by=USER, version=ticket.version, changes={"description": "The lamp is dark"})
    assert ticket.category == "facility"
    assert find_second_opinion(ticket) is None


def test_sentence_model_in_use_is_the_one_reported_recently():
    assert find_sentence_model_in_use() == ""
    report_sentence_model("model 1")
    report_sentence_model("model 2")
    assert find_sentence_model_in_use() == "model 2"
    SentenceModelInUse.objects.update(seen_at=F("seen_at") - timedelta(minutes=2))
    assert find_sentence_model_in_use() == ""
    report_sentence_model("model 2")
    assert find_sentence_model_in_use() == "model 2"


def test_sentence_model_is_not_stored_with_every_report(django_assert_num_queries):
    report_sentence_model("model 1")
    with django_assert_num_queries(1):
        report_sentence_model("model 1")


def test_reading_with_another_sentence_model_keeps_what_decided():
    ticket = read_again(make_ticket(description=LAMP), "services")
    TicketEmbedding.objects.update(sentence_model="older")
    read_again(ticket, "services")
    assert find_second_opinion(ticket).decided_by == DecidedBy.MEANING
