import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest


@pytest.fixture
def processor_seconds() -> Callable[[float], AbstractContextManager[None]]:
    """A block may need so much time of the processor; that of other processes does not count."""

    @contextmanager
    def limit(seconds: float) -> Iterator[None]:
        began = time.process_time()
        yield
        assert time.process_time() - began < seconds

    return limit
