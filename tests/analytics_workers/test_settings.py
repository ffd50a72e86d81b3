import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_workers.contract import CARDS
from analytics_workers.settings import SettingRefused, broker_url, read_settings

GOOD = {
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SERVICE_KEY": "a-key-of-32-or-more-different-letters",
    "HELPDESK_API_URL": "http://127.0.0.1:8000/api/v1",
}


def test_settings_are_read_and_never_shown():
    settings = read_settings(GOOD)
    assert settings.api_url == "http://127.0.0.1:8000/api/v1/"
    assert GOOD["SERVICE_KEY"] not in repr(settings)
    assert GOOD["REDIS_URL"] not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in GOOD for value in ("", "  ", "nonsense")),
        ("REDIS_URL", "http://127.0.0.1/0"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "unix://relative"),
        ("SERVICE_KEY", "s" * 31),
        ("HELPDESK_API_URL", "ftp://127.0.0.1/api/v1/"),
        ("HELPDESK_API_URL", "http:///api/v1/"),
        ("HELPDESK_API_URL", "http://user:secret@127.0.0.1/api/v1/"),
        ("HELPDESK_API_URL", "http://127.0.0.1/api/v1/?key=1"),
    ],
)
def test_settings_refuse_nonsense_and_name_the_variable(name, value):
    with pytest.raises(SettingRefused, match=name):
        read_settings(GOOD | {name: value})


@pytest.mark.parametrize("name", GOOD)
def test_settings_refuse_a_missing_variable(name):
    with pytest.raises(SettingRefused, match=f"{name} is not set"):
        read_settings({other: value for other, value in GOOD.items() if other != name})


@pytest.mark.parametrize(
    ("redis_url", "celery_url"),
    [
        ("redis://:pw@host:6379/3", "redis://:pw@host:6379/3"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix://:pw@/run/valkey.sock", "redis+socket://:pw@/run/valkey.sock?virtual_host=0"),
    ],
)
def test_broker_url_is_celerys_spelling(redis_url, celery_url):
    assert broker_url(redis_url) == celery_url


def run_fresh(code: str, environ: dict[str, str]) -> subprocess.CompletedProcess:
    root = Path(__file__).parents[2]
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/tmp"), **environ}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environ, capture_output=True, text=True, check=False
    )


def test_worker_with_bad_settings_ends_with_one_line():
    done = run_fresh("import analytics_workers.app", {**GOOD, "SERVICE_KEY": ""})
    assert done.returncode == 1
    assert done.stderr == "The analytics worker cannot start: SERVICE_KEY is not set.\n"


LOAD = "from analytics_workers.app import app; app.loader.import_default_modules(); app.finalize();"


@pytest.mark.parametrize(
    ("option", "queues"),
    [
        ([], sorted(card.queue for card in CARDS.values())),
        (["analytics.unresolved"], ["analytics.unresolved"]),
        (["analytics.of-another-day"], ["analytics.of-another-day"]),
    ],
)
def test_worker_takes_the_queue_of_every_card_unless_told_otherwise(option, queues):
    code = f"{LOAD} app.select_queues({option}); print(*sorted(app.amqp.queues.consume_from))"
    done = run_fresh(code, GOOD)
    assert (done.returncode, done.stdout.split()) == (0, queues), done.stderr


def test_worker_needs_no_django_at_all():
    code = (
        "import sys; sys.modules.update(django=None, psycopg=None);"
        f"{LOAD} assert 'analytics_workers.run_analysis' in app.tasks;"
        "print(*[name for name in sys.modules if name.split('.')[0] in ('tickets', 'messaging')])"
    )
    done = run_fresh(code, GOOD)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_worker_loads_no_django_whatever_the_environment_says():
    # kombu looks at one helper of django.utils where Django happens to be installed, and at nothing else.
    code = f"import sys; {LOAD} print(*({{'django.conf', 'django.db', 'django.apps'}} & set(sys.modules)))"
    done = run_fresh(code, {**GOOD, "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"})
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
