"""The environment of programs that work on a test's own database."""

import os
from urllib.parse import urlsplit

from django.db import connection


def environment_on_database(**values: str) -> dict[str, str]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DATABASE_URL": database.geturl()} | values
