"""JSON stored verbatim. The database's own jsonb rewrites numbers (1e16 becomes an integer), and a result
would no longer match its checksum."""

import json
from typing import Any

from django.db import models


class VerbatimJSONField(models.TextField):
    """A Python value in the program, its JSON text in the database; invalid JSON is returned as text."""

    _pyi_private_set_type: Any  # where django-stubs look for the type in the program
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        try:
            return None if value is None else json.loads(value)
        except (ValueError, RecursionError):
            return value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)
