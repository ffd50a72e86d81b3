import time

import pytest

from analytics_workers.helpdesk_api import Refused
from analytics_workers.lease import Lease
from common.json_logging import log_for_request, request_id

ID = "6b6d1a4e-0f65-4c1c-9d4a-2f1f4f0f5a11"


def test_lease_tells_each_phase_at_once(api, client):
    with Lease(client, ID, 2) as lease:
        lease.enter("fetching")
        lease.enter("computing")
    assert api.bodies("progress") == [
        {"attempt": 2, "phase": "fetching"},
        {"attempt": 2, "phase": "computing"},
    ]


def test_lease_is_renewed_in_between_and_not_afterwards(api, client):
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("drawing")
        api.wait_for("progress", 4)
    told = len(api.bodies("progress"))
    time.sleep(0.2)
    assert len(api.bodies("progress")) == told
    assert {body["phase"] for body in api.bodies("progress")} == {"drawing"}


def test_lease_that_was_lost_stops_the_next_phase(api, client):
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("fetching")
        api.fault["progress"] = lambda: (409, {}, b"")
        told = len(api.bodies("progress"))
        api.wait_for("progress", told + 1)
        with pytest.raises(Refused):
            lease.enter("computing")


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_lease_outlives_an_api_that_does_not_answer(api, client, status):
    api.fault["progress"] = lambda: (status, {}, b"")
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("fetching")
        api.wait_for("progress", 3)
        api.fault.clear()
        lease.enter("computing")


def test_renewals_are_about_the_same_request(api, client, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(client, "report_progress", lambda *_: told.append(request_id.get()))
    with log_for_request("the-click"), Lease(client, ID, 1, seconds=0.01):
        deadline = time.monotonic() + 10
        while len(told) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert set(told) == {"the-click"}
