"""Schedules of reports, whose days pass by moving rows into the past."""

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.site import Site

RUNS = "analytics_gateway_reportrun"


def make_schedule(site: Site, hours_ago: int = 0) -> int:
    """Daily, at a past hour: this one (the next slot is a day ahead) or an earlier one.

    The only one: an equal schedule of an earlier test would be found instead of made.
    """
    site.query("UPDATE analytics_gateway_reportschedule SET deleted_at = now() WHERE deleted_at IS NULL")
    person = HelpdeskClient(site.url, "helpdesk").enter()
    passed = f"now() AT TIME ZONE 'UTC' - interval '{hours_ago} hours'"
    ((hour,),) = site.query(f"SELECT to_char({passed}, 'FMHH24')")
    form = {"service": "active-by-category", "when": "daily", "hour": hour}
    assert person.post("/desk/reports/", **form).status_code == 302
    ((pk,),) = site.query("SELECT max(id) FROM analytics_gateway_reportschedule")
    return pk


def let_days_pass(site: Site, schedule: int, days: int = 1) -> None:
    site.query(f"UPDATE {RUNS} SET slot = slot - interval '{days} days' WHERE schedule_id = {schedule}")
    site.query(
        f"UPDATE analytics_gateway_reportschedule SET counts_from = counts_from - interval '{days} days',"
        f" created_at = created_at - interval '{days} days' WHERE id = {schedule}"
    )


def count_runs(site: Site, schedule: int) -> int:
    return site.count(f"{RUNS} WHERE schedule_id = %s", schedule)
