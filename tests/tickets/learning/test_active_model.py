import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.factories import HELPDESK, make_ticket
from tests.support.triage_models import database_address, make_version
from tickets.learning.activation import activate_model
from tickets.learning.active_model import CHECK_SECONDS, forget_cached_model, get_active_model
from tickets.triage import load_shipped_model

ROOT = Path(__file__).parents[3]
SHIPPED = load_shipped_model().version
FOLLOW = """
import django, time
django.setup()
from tickets.learning.active_model import get_active_model
before = get_active_model().version
print(before, flush=True)
began = time.monotonic()
while get_active_model().version == before and time.monotonic() - began < 30:
    time.sleep(0.05)
print(get_active_model().version, time.monotonic() - began, flush=True)
"""
OPEN = """
import django, sys
django.setup()
import campus_helpdesk.urls, campus_helpdesk.wsgi, campus_helpdesk.celery, tickets.tasks
from tickets.access import Caller, Role
from tickets.actions import open_ticket
open_ticket(by=Caller(Role.USER), description="The lamp is dark")
sys.exit(", ".join({"sklearn", "scipy"} & set(sys.modules)) or None)
"""


def start(program: str) -> subprocess.Popen:
    environment = {**os.environ, "DATABASE_URL": database_address()}
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db
def test_running_model_is_the_shipped_one_where_no_row_is_active():
    make_version(0.3)
    assert get_active_model() is load_shipped_model()


@pytest.mark.django_db(transaction=True)
def test_another_process_follows_within_ten_seconds():
    row = make_version(0.3)
    with start(FOLLOW) as follower:
        assert follower.stdout.readline().strip() == SHIPPED
        activate_model(row.version, by=HELPDESK)
        version, seconds = follower.stdout.readline().split()
        assert follower.wait() == 0
    assert version == row.version
    assert float(seconds) <= CHECK_SECONDS + 1


@pytest.mark.django_db(transaction=True)
def test_the_process_that_activates_follows_at_once():
    assert make_ticket().triage_model == SHIPPED
    row = make_version(0.3)
    activate_model(row.version, by=HELPDESK)
    assert make_ticket().triage_model == row.version


@pytest.mark.django_db
def test_looking_is_two_statements_and_then_none(django_assert_num_queries):
    get_active_model()
    with django_assert_num_queries(0):
        get_active_model()
    forget_cached_model()
    with django_assert_num_queries(2):  # the active version, and that there is none to read
        get_active_model()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("damage", [{"raw": b"nothing"}, {"sha256": "0" * 64}])
def test_a_damaged_row_leaves_tickets_to_the_one_before(damage, caplog):
    before, damaged = make_version(0.3), make_version(0.4)
    for row in (before, damaged):
        activate_model(row.version, by=HELPDESK)
    type(damaged).objects.filter(pk=damaged.pk).update(**damage)
    forget_cached_model()
    assert make_ticket().triage_model == before.version
    assert f"Triage model {damaged.version} is damaged" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_damaged_row_does_not_bring_back_what_was_rolled_back():
    kept, left = make_version(0.3), make_version(0.4)
    for row in (kept, left, kept):
        activate_model(row.version, by=HELPDESK)
    type(kept).objects.filter(pk=kept.pk).update(raw=b"")
    forget_cached_model()
    assert make_ticket().triage_model == SHIPPED


@pytest.mark.django_db(transaction=True)
def test_where_every_row_is_damaged_the_shipped_model_files_tickets(caplog):
    row = make_version(0.3)
    activate_model(row.version, by=HELPDESK)
    type(row).objects.update(raw=b"")
    forget_cached_model()
    assert make_ticket().triage_model == SHIPPED
    assert "is damaged" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_web_process_opens_tickets_without_scikit_learn():
    with start(OPEN) as process:
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
