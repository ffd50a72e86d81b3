"""The helpers of the fault tests: killed processes are dead, and lost writes are found."""

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, new_key, retry_until_success, wait_done
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import PROCESSES, Site
from tests.support.chaos.tcp_proxies import CONNECTIONS
from tests.support.chaos.write_log import Entry, WriteLog


@pytest.fixture
def user(site: Site) -> HelpdeskClient:
    return HelpdeskClient(site.url, "user", "Ursula").enter()


@pytest.mark.fault_fast
def test_reports_survive_a_kill_of_the_web(site: Site, user: HelpdeskClient, write_log: WriteLog):
    assert write_log.record("open", user.open("The lamp flickers"))
    site.web.kill()
    assert not site.web.is_alive
    site.web.start()
    assert write_log.record("open", retry_until_success(lambda: user.open("The tap drips", key=new_key())))
    assert write_log.lost(site) == []
    assert write_log.duplicated(site) == []


@pytest.mark.fault_fast
def test_write_log_finds_lost_and_duplicated_writes(site: Site, user: HelpdeskClient, write_log: WriteLog):
    write_log.record("open", user.open("The door squeaks"))
    assert user.open("The door squeaks").status_code == 201
    missing = Entry("open", 10**6, 10**6, 1, "")
    write_log.entries.append(missing)
    assert write_log.lost(site) == [missing]
    assert write_log.duplicated(site) == ["The door squeaks"]


@pytest.mark.fault_fast
def test_frozen_database_responds_after_thawing(site: Site, user: HelpdeskClient):
    with site.database.frozen(), pytest.raises(httpx.TransportError):
        user.get("/tickets/", timeout=1)
    wait_until(lambda: user.get("/tickets/").status_code == 200)


@pytest.mark.fault_fast
def test_killed_database_ends_its_sessions(site: Site, user: HelpdeskClient):
    user.get("/tickets/")
    assert site.database.children()
    site.database.kill()
    site.database.start()
    assert retry_until_success(lambda: user.get("/tickets/")).status_code == 200


@pytest.mark.fault_full
def test_site_works_through_all_proxies_with_two_of_each_process(make_site, write_log: WriteLog):
    site = make_site(proxies=CONNECTIONS, aof=False)
    site.start()
    for name in PROCESSES[2:]:
        site.add(name).start()
    helpdesk = HelpdeskClient(site.urls[1], "helpdesk", "Hedda").enter()
    ticket = helpdesk.open("The lamp flickers", key=new_key()).json()
    assert write_log.record("activate", helpdesk.activate(ticket["id"]))
    assert write_log.record("message", helpdesk.message(ticket["id"], "We come", key=new_key()))
    assert write_log.record("edit", helpdesk.edit(ticket["id"], 2, room="12"))
    assert write_log.record("close", helpdesk.close_ticket(ticket["id"]))
    wait_done(helpdesk, helpdesk.analyse().json()["id"])
    site.worker.kill()
    site.programs["worker-2"].stop()
    site.broker.kill()
    site.broker.start()
    site.worker.start()
    site.wait_ready()
    assert write_log.print_summary(site).startswith("kills=2 acked=4 lost=0 dup=0 stuck=0")
