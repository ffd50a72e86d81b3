"""Rows of an early release after its update."""

import pytest
from django.core.management import call_command

from analytics_gateway.attempts import fail_analysis
from analytics_gateway.models import Analysis
from tests.support.analyses import finish, make_analysis, make_result, make_running, result_text

BEFORE = "0005_request_id"


@pytest.mark.django_db(transaction=True)
def test_migration_takes_time_zones_from_stored_results(settings):
    settings.CAMPUS_TIME_ZONE = "UTC"
    lineage = make_result()["lineage"] | {"time_zone": "Asia/Tokyo"}
    done = finish(make_running(), result_text(lineage=lineage))
    failed = make_running()
    fail_analysis(failed.pk, 1, "No.", retry=False)
    waiting = make_analysis()  # filled in when it starts
    call_command("migrate", "analytics_gateway", BEFORE, verbosity=0)
    call_command("migrate", "analytics_gateway", verbosity=0)
    zones = dict(Analysis.objects.values_list("pk", "time_zone"))
    assert zones == {done.pk: "Asia/Tokyo", failed.pk: "Asia/Tokyo", waiting.pk: ""}
