"""What a run begins with, loaded before anything else: Django and real servers, or neither of them.

`-p no:django` is for tests of code that knows no Django: no server starts, and whatever imports Django or the
database's driver fails.
"""

import os
import sys
from collections.abc import Generator

import pytest

NOT_FOR_PURE_CODE = ("django", "rest_framework", "psycopg")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    if early_config.pluginmanager.is_blocked("django"):
        sys.modules.update(dict.fromkeys(NOT_FOR_PURE_CODE))
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")
        import tests.support.servers  # noqa: F401  starts them
    return (yield)
