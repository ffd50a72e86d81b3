"""The boundaries between packages: imports, requirements, processes without Django."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent


def test_import_contracts_hold():
    run = subprocess.run([PROGRAMS / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_workers_lock_has_no_django_and_no_database_driver():
    names = [line.split("==")[0] for line in (ROOT / "requirements/workers.txt").read_text().splitlines()]
    assert "pandas" in names
    assert not [name for name in names if "django" in name or "psycopg" in name]


def test_locks_have_hashes_and_no_urls():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text, lock
        assert "://" not in text, lock


def read_lock(lock: Path) -> list[Requirement]:
    lines = [line.removesuffix("\\") for line in lock.read_text().splitlines() if "==" in line.split(";")[0]]
    packages = map(Requirement, lines)
    return [package for package in packages if not package.marker or package.marker.evaluate()]


def find_extras(package: Requirement) -> Iterator[Requirement]:
    """The requirements of an installed package that have extras."""
    for requirement in map(Requirement, metadata.requires(package.name) or []):
        environments = [{"extra": extra} for extra in ("", *package.extras)]
        marker = requirement.marker
        if requirement.extras and (not marker or any(map(marker.evaluate, environments))):
            yield requirement


@pytest.mark.parametrize("name", ["base", "web", "workers", "embedded", "training", "semantic", "dev"])
def test_locks_include_the_extras_that_their_packages_require(name):
    """For `kombu[redis]`, needed beside a locked `kombu`, pip takes the newest, whose hash is not here."""
    packages = read_lock(ROOT / f"requirements/{name}.txt")
    locked = {canonicalize_name(package.name): package.extras for package in packages}
    needed = {f"{extra} of {package.name}": extra for package in packages for extra in find_extras(package)}
    assert not [
        text for text, extra in needed.items() if not extra.extras <= locked[canonicalize_name(extra.name)]
    ]
    assert packages


def test_workers_start_without_django():
    program = (
        "import sys; sys.modules['django'] = None; import analytics_workers.app, analytics_workers.tasks"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SERVICE_KEY": "a-key-of-32-or-more-different-letters",
        "HELPDESK_API_URL": "http://127.0.0.1:1/api/v1/",
    }
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
