import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from campus_helpdesk.operations.releases import check_migrations

NEWER = ("tickets", "9999_of_a_newer_release")


def test_migrations_of_this_and_of_older_releases_are_known():
    check_migrations([("tickets", "0001_text_search"), ("sessions", "0001_initial")], "It")
    check_migrations([], "It")


def test_newer_release_is_refused_with_the_name_of_its_migration():
    with pytest.raises(CommandError, match=r"^It contains migration tickets\.9999_of_a_newer_release of a"):
        check_migrations([NEWER, ("tickets", "0001_text_search")], "It")


@pytest.mark.django_db
def test_migrate_changes_nothing_in_newer_data():
    (last,) = MigrationLoader(connection).graph.leaf_nodes("tickets")
    recorder = MigrationRecorder(connection)
    recorder.record_applied(*NEWER)
    recorder.record_unapplied(*last)
    with pytest.raises(CommandError, match="newer release"):
        call_command("migrate", verbosity=0)
    assert last not in recorder.applied_migrations()
