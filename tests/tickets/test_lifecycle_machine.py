"""Any order of verbs by any caller: the invariants hold after each, against a model in plain Python."""

from unicodedata import category

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from messaging.actions import post_message
from tests.factories import HELPDESK, OTHER_USER, USER, make_ticket
from tickets.access import Refused
from tickets.actions import activate_ticket, close_ticket, correct_category, edit_ticket, repair_ticket
from tickets.history import events_of
from tickets.models import Ticket

CALLERS = st.sampled_from([USER, OTHER_USER, HELPDESK])
WORDS = st.text(min_size=0, max_size=30)
CATEGORIES = st.sampled_from(["facility", "it", "services", "food"])
AFTER = {"open": "active", "active": "closed"}


def is_readable(text: str) -> bool:
    """The rule of texts, written down a second time in other words."""
    storable = "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
    unseen = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me"}
    blanks = "\u115f\u1160\u3164\uffa0\u2800"
    return storable and any(category(letter) not in unseen and letter not in blanks for letter in text)


class Life(RuleBasedStateMachine):
    """Each example starts from an empty helpdesk and rolls back what it did."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def open(self):
        self.ticket = make_ticket()
        self.status, self.version, self.moment = "open", 1, self.ticket.modified_at
        self.messages = 0

    def attempt(self, change, *, grows: bool):
        """A change is complete or refused; a refused one leaves version and moment."""
        before = Ticket.objects.values().get()
        try:
            change()
        except Refused:
            assert Ticket.objects.values().get() == before
            return False
        after = Ticket.objects.values().get()
        if after == before:
            return False
        assert after["modified_at"] > before["modified_at"]
        assert after["version"] == before["version"] + grows
        return True

    @rule(by=CALLERS)
    def activate(self, by):
        done = self.attempt(lambda: activate_ticket(self.ticket, by=by), grows=True)
        assert done == (by is HELPDESK and self.status == "open")
        self.status = "active" if done else self.status

    @rule(by=CALLERS)
    def close(self, by):
        done = self.attempt(lambda: close_ticket(self.ticket, by=by), grows=True)
        assert done == (by is HELPDESK and self.status == "active")
        self.status = "closed" if done else self.status

    @rule(by=CALLERS, text=WORDS, stale=st.booleans())
    def edit(self, by, text, stale):
        version = self.ticket.version - stale
        is_new = is_readable(text) and text.strip() != self.ticket.description
        change = {"description": text}
        done = self.attempt(
            lambda: edit_ticket(self.ticket, by=by, version=version, changes=change), grows=True
        )
        assert done == (is_new and not stale and self.status != "closed")

    @rule(by=CALLERS, chosen=CATEGORIES)
    def correct(self, by, chosen):
        version, before = self.ticket.version, (self.ticket.category, self.ticket.category_source)
        done = self.attempt(
            lambda: correct_category(self.ticket, by=by, category=chosen, version=version), grows=True
        )
        may_do = self.status != "closed" if by is HELPDESK else by is USER and self.status == "open"
        assert done == (may_do and chosen != "food" and (chosen, "person") != before)

    @rule(by=CALLERS, text=WORDS)
    def write(self, by, text):
        done = self.attempt(lambda: post_message(self.ticket, by=by, body=text), grows=False)
        assert done == (is_readable(text) and self.status != "closed")
        self.messages += done

    @rule(status=st.sampled_from(["open", "active", "closed"]))
    def repair(self, status):
        repair_ticket(self.ticket, by=HELPDESK, reason="put right", changes={"status": status})
        self.status = status

    @invariant()
    def row_is_in_order(self):
        row = Ticket.objects.get()
        assert row.status == self.status
        assert (row.closed_at is not None) == (row.status == "closed")
        assert row.opened_at <= row.modified_at
        assert row.messages.count() == self.messages
        assert events_of(row, "helpdesk").last().status == row.status


class TestLife(TestCase):
    @pytest.mark.django_db
    def test_every_order_of_verbs_keeps_the_invariants(self):
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=25,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
