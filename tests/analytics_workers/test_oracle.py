"""Every number of every service, computed a second time: plain Python, exact fractions, no code of the
measures.

ORACLE_TICKETS sets how many random tickets each zone gets.
"""

import os

import pytest

from analytics_workers.catalogue import SERVICES
from tests.support.oracle import ORACLES, find_mismatches
from tests.support.random_tickets import SNAPSHOTS, make_tickets

TICKETS = int(os.environ.get("ORACLE_TICKETS", "2000"))


def test_every_service_has_an_oracle():
    assert set(ORACLES) == set(SERVICES)


@pytest.mark.parametrize("zone", SNAPSHOTS)
@pytest.mark.parametrize("service", SERVICES)
def test_measure_equals_the_oracle(service, zone):
    assert find_mismatches(service, zone, make_tickets(zone, TICKETS)) == []


@pytest.mark.parametrize("zone", SNAPSHOTS)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_measure_of_few_tickets_equals_the_oracle(service, zone, count):
    assert find_mismatches(service, zone, make_tickets(zone, count)) == []
