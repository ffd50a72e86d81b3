"""Tickets that wait for a second opinion: the death of the worker that reads them loses none."""

import pytest

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.programs import wait_until
from tests.support.sentence_models import needs_sentence_model

READ = "tickets_ticketembedding WHERE ticket_id = ANY(%s)"


@pytest.mark.fault_fast
@needs_sentence_model
def test_second_opinions_follow_after_their_worker_was_killed(working, amount, figures):
    client = HelpdeskClient(working.url).enter()
    count = amount(30, 300)
    ids = [client.open(f"The lamp in room {number} flickers").json()["id"] for number in range(count)]
    wait_until(lambda: working.count(READ, ids) > 0, what="the worker reads")
    working.gateway.kill()
    unread = count - working.count(READ, ids)
    working.gateway.start()
    wait_until(lambda: working.count(READ, ids) == count, what="every ticket was read")
    what = "tickets unread when the worker was killed, all read afterwards"
    figures.record("second_opinions", what, unread, goal="> 0", is_met=unread > 0)
    assert working.violated_rules() == []
