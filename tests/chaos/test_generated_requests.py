"""Generated requests: every route and method with invalid values. There is no server error, a refused request
changes no row, and a refusal of a field names it."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.chaos.generated_requests import GeneratedRequest, SampleSite, requests
from tests.support.chaos.tables import digest
from tests.support.routes import list_routes


def read_sessions() -> str:
    """The contents of all sessions without notices, which the page that shows them removes."""
    decoded = {session.pk: session.get_decoded() for session in Session.objects.order_by("pk")}
    return str(
        {pk: {name: data[name] for name in data if name != "_messages"} for pk, data in decoded.items()}
    )


def digest_without_notices() -> dict[str, str]:
    return digest() | {"django_session": read_sessions()}


def newest_transaction() -> str:
    """If it has not changed, no transaction has written since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return cursor.fetchone()[0]


def is_unreadable(sent: GeneratedRequest) -> bool:
    """Whether the body is not a JSON object, so that no field can be named."""
    try:
        return sent.content_type != "application/json" or not isinstance(json.loads(sent.body), dict)
    except (ValueError, RecursionError):
        return True


def names_field(sent: GeneratedRequest, answer) -> bool:
    if (
        sent.method == "HEAD"
        or answer.status_code != 400
        or answer.get("Content-Type") != "application/problem+json"
    ):
        return True
    return bool(answer.json().get("errors")) or is_unreadable(sent)


@pytest.mark.fault_fast
@pytest.mark.django_db(transaction=True)
def test_no_server_error_for_generated_requests_and_no_change_when_refused(amount, figures, caplog):
    site = SampleSite()
    counts = {"sent": 0, "refused": 0, "facts": 0}
    found: dict[str, list] = {"faults": [], "changed": [], "unnamed": []}
    before = {"transaction": "", "tables": {}}

    @settings(
        max_examples=amount(300, 20_000),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests())
    def send_one(sent: GeneratedRequest) -> None:
        site.prepare()
        if before["transaction"] != newest_transaction():
            before.update(tables=digest_without_notices(), transaction=newest_transaction())
        counts["sent"] += 1
        try:
            answer = site.send(sent)
        except Exception as error:  # not handled by the site
            found["faults"].append((error, sent))
            return
        caplog.clear()
        if answer.status_code >= 500:
            found["faults"].append((answer.status_code, sent))
        if sent.name == "facts" and answer.status_code == 200:
            counts["facts"] += 1
        if answer.status_code >= 400:
            counts["refused"] += 1
            is_written = before["transaction"] != newest_transaction()
            if is_written and (now := digest_without_notices()) != before["tables"]:
                changed = [name for name in now if now[name] != before["tables"].get(name)]
                found["changed"].append((answer.status_code, changed, sent))
        if not names_field(sent, answer):
            found["unnamed"].append((answer.content, sent))

    send_one()
    for fault in [fault for kind in found.values() for fault in kind[:10]]:
        print(str(fault)[:1500])
    assert counts["sent"] >= amount(300, 20_000)
    assert counts["refused"] > 0
    assert counts["facts"] > 0
    routes = f"{counts['sent']} generated requests over {len(list_routes())} routes"
    for what, value in (
        (f"5xx in {routes}", len(found["faults"])),
        (f"rows changed by {counts['refused']} refusals", len(found["changed"])),
        ("refusals of a field that do not name it", len(found["unnamed"])),
    ):
        figures.record("no_server_error", what, value, goal="0", is_met=value == 0)
