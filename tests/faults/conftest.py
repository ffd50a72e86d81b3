"""Faults on real processes. `make test` runs each once and small, `make faults` all of them in full size.

A test's name begins with its fault or promise, as `test_f9_...` or `test_p6_...`: `make faults ONLY=f9`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.figures import Figures
from tests.faults.jobs import Jobs, Special
from tests.faults.ledger import Ledger
from tests.faults.site import Site, make_place

FIGURES = pytest.StashKey[Figures]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked `fault_full` belongs to `make faults` alone."""
    if config.getoption("--full"):
        return
    large = [item for item in items if item.get_closest_marker("fault_full")]
    config.hook.pytest_deselected(items=large)
    items[:] = [item for item in items if item not in large]


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def amount(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """amount(3, 200): how often a thing is done, in every run and in `make faults`."""
    is_full = pytestconfig.getoption("--full")
    return lambda few, many: many if is_full else few


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A helpdesk for the small tests of one module: web, database and broker run, nothing else."""
    place = Site(make_place(), processes=1)
    try:
        place.start("database", "broker", "web")
        yield place
    finally:
        place.close()


@pytest.fixture(scope="session")
def whole_site() -> Iterator[Special]:
    place = Special(make_place(), processes=2)
    try:
        place.start()
        yield place
    finally:
        place.close()


@pytest.fixture
def working(whole_site: Special) -> Special:
    """A helpdesk of which all parts run, shared by the tests of analytics; nothing waits in its queue."""
    whole_site.recover()
    Jobs(whole_site).cancel_all()
    return whole_site


@pytest.fixture
def make_site() -> Iterator[Callable[..., Site]]:
    """make_site(wires=..., aof=...): one of the test's own; say `start()` yourself."""
    with ExitStack() as stack:

        def make(**options: object) -> Site:
            place = Site(make_place(), **options)
            stack.callback(place.close)
            return place

        yield make


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    lines = config.stash[FIGURES].lines()
    if lines:
        terminalreporter.section("figures of the promises")
        for line in lines:
            terminalreporter.write_line(line)
