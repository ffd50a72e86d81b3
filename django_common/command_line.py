"""Runs one Django command, as `manage.py` does."""

import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

from django_common.database.outages import describe_outage


def run_command(arguments: list[str]) -> None:
    """arguments: after `manage.py`. An error of the database is reported in one line, with exit code 1."""
    try:
        execute_from_command_line(["manage.py", *arguments])
    except DatabaseError as error:
        if isinstance(error, ProgrammingError) and needs_migration():
            sys.exit("The database lacks tables or columns of this release. First run: manage.py migrate")
        if not (outage := describe_outage(error)):
            raise
        lines = str(error).splitlines()  # empty if the connection was lost during a commit
        sys.exit(f"The database refused: {lines[0]}" if lines else outage)


def needs_migration() -> bool:
    connection.rollback()
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
