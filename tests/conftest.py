"""Options and order of the whole run, and which tests are unit tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is not a failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

HERE = Path(__file__).parent
# These start programs or train models, those that take longest first. Everything else is the unit suite
# (`make unit`), but for what is directly in this folder, which tests the whole project.
LARGE = [
    HERE / path
    for path in (
        *("tickets/learning/test_retraining.py", "chaos", "e2e", "campus_helpdesk/local_stack"),
        *("campus_helpdesk/test_bad_environment.py", "local_copy", "campus_helpdesk/serving", "deploy"),
        *("campus_helpdesk/operations/test_backups.py", "campus_helpdesk/operations/test_health.py"),
        *("campus_helpdesk/test_broker_connection.py", "tickets/learning/test_active_model.py"),
        *("analytics_workers/test_worker.py", "analytics_workers/test_app.py"),
        *("tickets/triage/test_train.py", "tickets/triage/test_evaluate.py"),
        *("tickets/triage/test_reference_set.py", "tickets/triage/test_train_sentence_head.py"),
    )
]
SERVERS = {"live_server", "broker_at"}


def is_small(file: Path) -> bool:
    return file.parent != HERE and set(LARGE).isdisjoint([file, *file.parents])


def find_position(file: Path) -> int:
    """Of a file in the run: long ones come first, so that no process ends with one while the others idle."""
    positions = [position for position, large in enumerate(LARGE) if large in (file, *file.parents)]
    return positions[0] if positions else len(LARGE) + is_small(file)


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.is_blocked("django"):
        config.pluginmanager.import_plugin("tests.support.site_fixtures")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The unit suite does not read the files that it skips completely, because that takes as long as many
    tests."""
    is_for_unit = config.option.markexpr == "unit" and not collection_path.is_dir()
    return True if is_for_unit and not is_small(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_alone = SERVERS.isdisjoint(getattr(item, "fixturenames", ()))
        if is_alone and is_small(item.path):
            item.add_marker("unit")
    items.sort(key=lambda item: find_position(item.path))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the fault tests in full size, as in `make faults`")
