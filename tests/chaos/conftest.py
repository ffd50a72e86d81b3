"""Fault tests on real processes: in `make test` at a small size, in `make faults` all of them at full size.

A test's name begins with its promise (docs/reliability.md): `make faults ONLY=one_winner` runs
`test_one_winner_...`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.support.chaos.access_targets import AccessTargets
from tests.support.chaos.directories import make_directory
from tests.support.chaos.figures import Figures, table
from tests.support.chaos.jobs import ExtendedSite, Jobs
from tests.support.chaos.site import Site
from tests.support.chaos.write_log import WriteLog


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `fault_full` run in `make faults` only."""
    if config.getoption("--full"):
        return
    large = [item for item in items if item.get_closest_marker("fault_full")]
    config.hook.pytest_deselected(items=large)
    items[:] = [item for item in items if item not in large]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    return Figures(request.node.user_properties)


@pytest.fixture(scope="session")
def amount(pytestconfig: pytest.Config) -> Callable[[Any, Any], Any]:
    """amount(3, 200): how often something is done, in every run and in `make faults`."""
    is_full = pytestconfig.getoption("--full")
    return lambda few, many: many if is_full else few


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A helpdesk for the small tests of one module: web, database and broker only."""
    with closing(Site(make_directory(), processes=1)) as site:
        site.start("database", "broker", "web")
        yield site


@pytest.fixture(scope="package")  # it costs processor time while it runs
def whole_site() -> Iterator[ExtendedSite]:
    with closing(ExtendedSite(make_directory())) as site:
        site.start()
        yield site


@pytest.fixture
def working(whole_site: ExtendedSite) -> ExtendedSite:
    """A helpdesk with all processes, shared by the tests of analytics; its queue is empty."""
    whole_site.recover()
    Jobs(whole_site).cancel_all()
    return whole_site


@pytest.fixture
def make_site() -> Iterator[Callable[..., Site]]:
    """make_site(proxies=..., aof=...): a site of the test's own; call `start()` yourself."""
    with ExitStack() as stack:

        def make(**options: object) -> Site:
            return stack.enter_context(closing(Site(make_directory(), **options)))

        yield make


@pytest.fixture
def targets(db, caplog) -> AccessTargets:
    caplog.set_level("ERROR")  # thousands of refusals, all of them expected
    return AccessTargets()


@pytest.fixture
def write_log() -> WriteLog:
    return WriteLog()


def pytest_terminal_summary(terminalreporter) -> None:
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    calls = [report for report in reports if getattr(report, "when", "") == "call"]
    lines = table(each for report in calls for each in report.user_properties)
    if lines:
        terminalreporter.section("figures of the promises")
        for line in lines:
            terminalreporter.write_line(line)
