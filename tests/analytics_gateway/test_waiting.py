import pytest

from analytics_gateway.models import Analysis
from analytics_gateway.waiting import MAX_WAITING, count_room
from tests.analytics_gateway.factories import make_done, make_running


@pytest.mark.django_db
def test_room_counts_only_those_that_wait():
    make_done()
    make_running()
    assert count_room() == MAX_WAITING
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING + 1)]
    Analysis.objects.bulk_create(rows[:3])
    assert count_room() == MAX_WAITING - 3
    Analysis.objects.bulk_create(rows[3:])
    assert count_room() == 0
