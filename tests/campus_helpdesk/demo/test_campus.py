from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from campus_helpdesk.demo.campus import generate

UNTIL = date(2026, 3, 17)
MIDNIGHT = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def campus():
    return list(generate(600, 7, UNTIL))


def test_equal_arguments_give_the_same_campus(campus):
    assert list(generate(600, 7, UNTIL)) == campus


@pytest.mark.parametrize("other", [(600, 8, UNTIL), (600, 7, date(2026, 3, 18)), (601, 7, UNTIL)])
def test_other_arguments_give_another_campus(campus, other):
    assert list(generate(*other))[:100] != campus[:100]


@pytest.mark.parametrize("count", [0, 1, 10, 400, 5000])
def test_campus_has_the_requested_number_of_tickets(count):
    tickets = [ticket for ticket, _messages in generate(count, 3, UNTIL)]
    assert [ticket.id for ticket in tickets] == list(range(1, count + 1))
    assert all(a.opened_at <= b.opened_at for a, b in pairwise(tickets))


@pytest.mark.parametrize("until", [date(2026, 1, 1), date(2024, 2, 29), date(2025, 7, 31), date(1970, 6, 2)])
def test_every_month_has_tickets_whatever_the_last_day(until):
    tickets = [ticket for ticket, _messages in generate(400, 1, until)]
    months = {(t.opened_at.year, t.opened_at.month) for t in tickets}
    last = (until - timedelta(days=1)).replace(day=15)
    expected = {divmod(last.year * 12 + last.month - 1 - back, 12) for back in range(24)}
    assert {(year, month + 1) for year, month in expected} <= months


def test_nothing_happens_on_the_last_day_or_later(campus):
    for ticket, messages in campus:
        moments = [ticket.opened_at, ticket.closed_at, ticket.modified_at, *(m.sent_at for m in messages)]
        assert all(moment < MIDNIGHT for moment in moments if moment)


def test_status_fits_the_times_and_the_conversation(campus):
    for ticket, messages in campus:
        answers = [m for m in messages if m.author_role == "helpdesk" and not m.is_internal]
        assert (ticket.status == "closed") == (ticket.closed_at is not None)
        assert (ticket.status == "open") == (not answers)
        sent = [ticket.opened_at, *(m.sent_at for m in messages)]
        assert sent == sorted(set(sent))
        assert (
            ticket.modified_at >= max(m.sent_at for m in messages if not m.is_internal) if answers else True
        )
        assert not ticket.closed_at or sent[-1] <= ticket.closed_at == ticket.modified_at


def test_categories_and_statuses_are_mixed_as_on_a_campus():
    tickets = [ticket for ticket, _messages in generate(5000, 2, UNTIL)]
    share = {name: n / 5000 for name, n in Counter(ticket.category for ticket in tickets).items()}
    assert share == pytest.approx({"it": 0.45, "facility": 0.35, "services": 0.20}, abs=0.03)
    statuses = Counter(ticket.status for ticket in tickets)
    assert statuses["closed"] > 4000
    assert min(statuses["open"], statuses["active"]) > 50


def test_old_tickets_are_closed_and_young_ones_not_all(campus):
    old = [t for t, _messages in campus if t.opened_at < MIDNIGHT - timedelta(days=320)]
    young = [t for t, _messages in campus if t.opened_at > MIDNIGHT - timedelta(days=21)]
    assert {t.status for t in old} == {"closed"}
    assert {t.status for t in young} > {"open"}


def test_one_day_has_an_outage_and_one_week_is_cold(campus):
    days = Counter((t.opened_at.date(), t.category) for t, _messages in campus)
    weeks = Counter((t.opened_at.isocalendar()[:2], t.category) for t, _messages in campus)
    (outage, _it), heap = max(
        ((key, n) for key, n in days.items() if key[1] == "it"), key=lambda pair: pair[1]
    )
    assert heap >= 24
    assert outage.weekday() in (1, 2, 3)
    assert max(n for (week, name), n in weeks.items() if name == "facility" and week[1] <= 5) >= 12


def test_texts_do_not_look_copied(campus):
    descriptions = [ticket.description for ticket, _messages in campus]
    assert len(set(descriptions)) > 570
    lengths = sorted(map(len, descriptions))
    assert lengths[0] < 50
    assert lengths[-1] > 250


def test_every_placeholder_is_filled(campus):
    texts = [ticket.description for ticket, _messages in campus]
    texts += [message.body for _ticket, messages in campus for message in messages]
    assert not [text for text in texts if "{" in text or "}" in text or not text.strip()]


def test_conversations_have_messages_of_both_sides_and_some_notes(campus):
    messages = [message for _ticket, messages in campus for message in messages]
    roles = Counter(message.author_role for message in messages)
    assert roles["user"] > 500
    assert roles["helpdesk"] > 1000
    assert 0.05 < sum(message.is_internal for message in messages) / len(messages) < 0.15
    assert all(message.author_role == "helpdesk" for message in messages if message.is_internal)


def test_campus_before_the_first_year_is_refused():
    with pytest.raises(ValueError, match="year"):
        next(generate(5, 1, date(2, 1, 1)))
