"""Refuses data of a newer release, whose tables this release does not know."""

from collections.abc import Iterable
from typing import Any

from django.core.management import CommandError
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Migration = tuple[str, str]  # app and name


class NewerData(CommandError):
    """One line that names the first migration that this release does not have."""


def refuse_newer_data(using: str, **kwargs: Any) -> None:
    """Runs before `migrate` changes anything. Raises NewerData."""
    check_migrations(MigrationRecorder(connections[using]).applied_migrations(), "This database")


def check_migrations(applied: Iterable[Migration], what: str) -> None:
    """Raises NewerData."""
    unknown = sorted(set(applied) - MigrationLoader(None).disk_migrations.keys())
    if unknown:
        raise NewerData(
            f"{what} contains migration {'.'.join(unknown[0])} of a newer release. Nothing was changed. Use"
            " that release or a backup made by this one."
        )
