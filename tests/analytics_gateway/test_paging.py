"""Pages of analyses, of which many were requested at the same time."""

import pytest

from analytics_gateway.models import Analysis
from tests.support.analyses import make_analysis
from tests.support.walks import parts_of, walk_back, walk_forward


@pytest.fixture
def made(helpdesk) -> list[str]:
    """Eight of the same time, as the list has them."""
    moment = make_analysis().requested_at
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk", requested_at=moment) for _ in range(7)]
    Analysis.objects.bulk_create(rows)
    return [str(pk) for pk in Analysis.objects.order_by("-id").values_list("pk", flat=True)]


def test_analyses_of_equal_time_have_stable_pages_in_both_directions(helpdesk, made):
    address = "/api/v1/analyses/?page_size=3"
    for walk in (walk_forward, walk_back):
        assert walk(lambda link: helpdesk.get(link).json(), address) == parts_of(made, 3)


def test_analyses_deleted_between_pages_hide_no_others(helpdesk, made):
    page = helpdesk.get("/api/v1/analyses/?page_size=3").json()
    Analysis.objects.filter(pk__in=made[:2]).delete()
    assert walk_forward(lambda link: helpdesk.get(link).json(), page["next"]) == parts_of(made[3:], 3)
