"""The worker's app in an interpreter of its own, as `celery` starts it."""

import os
import subprocess
import sys
from pathlib import Path

from analytics_workers.catalogue import SERVICES
from tests.support.environment import GOOD


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


def test_worker_consumes_the_queue_of_every_service_by_default():
    options = [[], ["analytics.unresolved"], ["analytics.of-another-day"]]
    show = "print(*sorted(app.amqp.queues.consume_from))"
    done = run_fresh(LOAD + "".join(f"app.select_queues({option}); {show};" for option in options), GOOD)
    every, *chosen = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert every == sorted(definition.queue for definition in SERVICES.values())
    assert chosen == options[1:]


def test_worker_runs_without_django_installed():
    code = (
        "import sys; sys.modules.update(django=None, psycopg=None);"
        f"{LOAD} assert 'analytics_workers.run_analysis' in app.tasks;"
        "print(*[name for name in sys.modules if name.split('.')[0] in ('tickets', 'messaging')])"
    )
    done = run_fresh(code, GOOD)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_worker_loads_no_django_whatever_the_environment_says():
    # kombu imports one helper of django.utils if Django happens to be installed, and nothing else.
    code = f"import sys; {LOAD} print(*({{'django.conf', 'django.db', 'django.apps'}} & set(sys.modules)))"
    done = run_fresh(code, {**GOOD, "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"})
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
