"""The harness itself: what it kills is dead, what it counts is counted."""

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, insist, new_key, wait_done
from tests.support.chaos.ledger import Entry, Ledger
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import PARTS, Site
from tests.support.chaos.wires import WIRES


@pytest.fixture
def user(site: Site) -> HelpdeskClient:
    return HelpdeskClient(site.url, "user", "Ursula").enter()


@pytest.mark.fault_fast
def test_reports_survive_a_kill_of_the_web(site: Site, user: HelpdeskClient, ledger: Ledger):
    assert ledger.note("open", user.open("The lamp flickers"))
    site.web.kill()
    assert not site.web.is_alive
    site.web.start()
    assert ledger.note("open", insist(lambda: user.open("The tap drips", key=new_key())))
    assert ledger.lost(site) == []
    assert ledger.doubled(site) == []


@pytest.mark.fault_fast
def test_ledger_finds_what_is_lost_and_what_is_doubled(site: Site, user: HelpdeskClient, ledger: Ledger):
    ledger.note("open", user.open("The door squeaks"))
    assert user.open("The door squeaks").status_code == 201
    missing = Entry("open", 10**6, 10**6, 1, "")
    ledger.entries.append(missing)
    assert ledger.lost(site) == [missing]
    assert ledger.doubled(site) == ["The door squeaks"]


@pytest.mark.fault_fast
def test_frozen_database_answers_after_the_thaw(site: Site, user: HelpdeskClient):
    with site.database.frozen(), pytest.raises(httpx.TransportError):
        user.get("/tickets/", timeout=1)
    wait_until(lambda: user.get("/tickets/").status_code == 200)


@pytest.mark.fault_fast
def test_killed_database_takes_its_sessions_along(site: Site, user: HelpdeskClient):
    user.get("/tickets/")
    assert site.database.children()
    site.database.kill()
    site.database.start()
    assert insist(lambda: user.get("/tickets/")).status_code == 200


@pytest.mark.fault_full
def test_whole_site_over_all_wires_with_a_second_of_everything(make_site, ledger: Ledger):
    site = make_site(wires=WIRES, aof=False)
    site.start()
    for name in PARTS[2:]:
        site.add(name).start()
    helpdesk = HelpdeskClient(site.urls[1], "helpdesk", "Hedda").enter()
    ticket = helpdesk.open("The lamp flickers", key=new_key()).json()
    assert ledger.note("activate", helpdesk.activate(ticket["id"]))
    assert ledger.note("message", helpdesk.message(ticket["id"], "We come", key=new_key()))
    assert ledger.note("edit", helpdesk.edit(ticket["id"], 2, room="12"))
    assert ledger.note("close", helpdesk.close_ticket(ticket["id"]))
    wait_done(helpdesk, helpdesk.analyse().json()["id"])
    site.worker.kill()
    site.programs["worker-2"].stop()
    site.broker.kill()
    site.broker.start()
    site.worker.start()
    site.wait_ready()
    assert ledger.tell(site).startswith("kills=2 acked=4 lost=0 dup=0 stuck=0")
