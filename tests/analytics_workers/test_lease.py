import time

import pytest

from analytics_workers.helpdesk_api import AttemptLost
from analytics_workers.lease import Lease
from common.json_logging import log_for_request, request_id

ID = "6b6d1a4e-0f65-4c1c-9d4a-2f1f4f0f5a11"


def test_lease_reports_each_phase_at_once(api, client):
    with Lease(client, ID, 2) as lease:
        lease.enter("fetching")
        lease.enter("computing")
    assert api.bodies("progress") == [
        {"attempt": 2, "phase": "fetching"},
        {"attempt": 2, "phase": "computing"},
    ]


def test_lease_is_renewed_until_it_ends(api, client):
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("drawing")
        api.wait_for("progress", 4)
    count = len(api.bodies("progress"))
    time.sleep(0.2)
    assert len(api.bodies("progress")) == count
    assert {body["phase"] for body in api.bodies("progress")} == {"drawing"}


def test_lost_lease_stops_the_next_phase(api, client):
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("fetching")
        api.fault["progress"] = lambda: (409, {}, b"")
        count = len(api.bodies("progress"))
        api.wait_for("progress", count + 1)
        with pytest.raises(AttemptLost):
            lease.enter("computing")


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_lease_survives_an_unresponsive_api(api, client, status):
    api.fault["progress"] = lambda: (status, {}, b"")
    with Lease(client, ID, 1, seconds=0.05) as lease:
        lease.enter("fetching")
        api.wait_for("progress", 3)
        api.fault.clear()
        lease.enter("computing")


def test_renewals_have_the_id_of_the_original_request(api, client, monkeypatch):
    ids: list[str] = []
    monkeypatch.setattr(client, "report_progress", lambda *_: ids.append(request_id.get()))
    with log_for_request("the-click"), Lease(client, ID, 1, seconds=0.01):
        deadline = time.monotonic() + 10
        while len(ids) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert set(ids) == {"the-click"}
