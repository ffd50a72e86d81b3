"""Real deadlocks: the site's transaction loses, and the user does not notice."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site

pytestmark = pytest.mark.fault_fast

BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'messaging_message'::regclass"


def collide(site: Site, person: HelpdeskClient, ticket: int, text: str) -> tuple[int, bool]:
    """The message locks its ticket, then waits for the table of messages, which a rival has locked; the rival
    waits for the ticket. The one that has waited for a second checks for deadlocks, and loses. Returns the
    status of the message, and whether it lost."""
    url = site.environment()["DATABASE_URL"]
    watcher = psycopg.connect(url, autocommit=True)
    with ThreadPoolExecutor(1) as pool, watcher, psycopg.connect(url) as rival:
        rival.execute("LOCK TABLE messaging_message IN SHARE MODE")
        answer = pool.submit(person.message, ticket, text)
        wait_until(lambda: watcher.execute(BLOCKED).fetchone()[0], what="the message waits")
        try:
            rival.execute("SELECT FROM tickets_ticket WHERE id = %s FOR UPDATE", [ticket])
        except psycopg.errors.DeadlockDetected:
            rival.rollback()
            return answer.result().status_code, False
        rival.commit()
        return answer.result().status_code, True


def test_deadlocks_repeated_until_the_write_succeeds(site, amount, figures):
    pairs = amount(2, 50)
    person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
    ticket = person.open("The lamp flickers").json()["id"]
    answers: list[tuple[int, bool]] = []
    while sum(has_lost for _, has_lost in answers) < pairs:
        answers.append(collide(site, person, ticket, f"We come, {len(answers)}"))
        assert len(answers) < 2 * pairs + 10, "the message should be the one that waits longer"
    (stored,) = site.query(
        "SELECT count(*), count(DISTINCT body) FROM messaging_message WHERE ticket_id = %s", ticket
    )
    right = sum(status == 201 for status, _ in answers)
    figures.record(
        "deadlocks_repeated",
        f"201s of {len(answers)} deadlocks, {pairs} of them lost",
        right,
        goal=str(len(answers)),
        is_met=right == len(answers),
    )
    figures.record(
        "deadlocks_repeated",
        "messages stored, different ones",
        stored,
        goal=str((right, right)),
        is_met=stored == (right, right),
    )
    assert not site.violated_rules()
