import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from campus_helpdesk.operations import backups
from messaging.attachments.actions import remove_photo
from messaging.attachments.cleaning import clean_up
from messaging.attachments.models import Attachment, State
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tests.support.staged_photos import make_message, make_report, prepare_all, stored_files
from tickets.following.actions import give_feedback
from tickets.following.models import SecretLink
from tickets.models import Ticket, TicketEvent
from tickets.ticket_counters import read_counts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_storage")]


def rows():
    return list(Ticket.objects.values()), list(TicketEvent.objects.values())


def test_restore_brings_back_every_row_and_trigger(tmp_path):
    make_conversation(make_ticket())
    make_ticket("closed")
    before = rows()
    call_command("backup", tmp_path / "file")
    make_ticket()
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", tmp_path / "file")
    call_command("restore", tmp_path / "file", force=True)
    assert rows() == before
    with pytest.raises(Exception, match="pgtrigger"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticket")


def test_backup_of_an_older_release_is_migrated(tmp_path):
    """It has fewer tables: what this release added is created."""
    make_ticket("closed")
    call_command("migrate", "tickets", "0005", verbosity=0)
    call_command("backup", tmp_path / "file")
    call_command("migrate", verbosity=0)
    make_ticket()
    call_command("restore", tmp_path / "file", force=True)
    assert list(read_counts("status")) == [("closed", 1)]
    make_ticket()
    assert dict(read_counts("status")) == {"closed": 1, "open": 1}


class Killed(BaseException):
    pass


def die(*args, **kwargs):
    raise Killed


def test_killed_restore_is_completed_by_the_next_start(tmp_path, monkeypatch):
    """After the data of an older release is in, before it is migrated to this one."""
    make_ticket("closed")
    call_command("migrate", "tickets", "0005", verbosity=0)
    call_command("backup", tmp_path / "file")
    call_command("migrate", verbosity=0)
    make_ticket()
    for name in ("call_command", "drop_tables"):
        monkeypatch.setattr(backups, name, die, raising=False)
    with pytest.raises(Killed):
        call_command("restore", tmp_path / "file", force=True)
    call_command("migrate", verbosity=0)
    assert list(read_counts("status")) == [("closed", 1)]


def test_interrupted_restore_changes_nothing(tmp_path, monkeypatch):
    make_ticket()
    call_command("backup", tmp_path / "file")
    make_ticket()
    before = rows()
    monkeypatch.setattr(backups, "FINISH", b"SELECT no_such_column;")
    with pytest.raises(CommandError, match=r"no_such_column.*Nothing was changed"):
        call_command("restore", tmp_path / "file", force=True)
    assert rows() == before


def test_backup_of_a_newer_release_is_refused_with_the_name_of_its_migration(tmp_path):
    make_ticket()
    newer = MigrationRecorder.Migration(app="tickets", name="9999_of_a_newer_release")
    newer.save()
    call_command("backup", tmp_path / "file")
    newer.delete()
    make_ticket()
    before = rows()
    with pytest.raises(CommandError, match=r"contains migration tickets\.9999_of_a_newer"):
        call_command("restore", tmp_path / "file", force=True)
    assert rows() == before


def test_restore_refuses_a_database_with_other_tables(tmp_path):
    call_command("backup", tmp_path / "file")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO something_else")
    try:
        with pytest.raises(CommandError, match="other tables"):
            call_command("restore", tmp_path / "file", force=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE something_else RENAME TO django_migrations")


def test_restored_tickets_do_not_count_as_changed_forever(tmp_path):
    ticket = make_ticket("closed")
    feedback = give_feedback(SecretLink(ticket=ticket), is_solved="yes", comment="")
    for table in ("tickets_ticket", "tickets_feedback"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET changed_xid = %s", [10**15])  # of a server that did more
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    call_command("backup", tmp_path / "file")
    call_command("restore", tmp_path / "file", force=True)
    ticket.refresh_from_db()
    feedback.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        now = cursor.fetchone()[0]
    assert 0 < ticket.changed_xid < now
    assert 0 < feedback.changed_xid < now


def test_restored_tables_have_statistics(tmp_path):
    make_conversation(make_ticket())
    call_command("backup", tmp_path / "file")
    call_command("restore", tmp_path / "file", force=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
        known = {name for (name,) in cursor.fetchall()}
    assert {"tickets_ticket", "tickets_ticketevent", "messaging_message"} <= known


def test_restore_refuses_a_damaged_file_and_changes_nothing(tmp_path):
    file = tmp_path / "file"
    make_ticket()
    call_command("backup", file)
    before = rows()
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    for content in (bytes(damaged), file.read_bytes()[:-10], b"", b"something else"):
        file.write_bytes(content)
        with pytest.raises(CommandError, match="damaged"):
            call_command("restore", file, force=True)
    assert rows() == before


def test_backup_is_readable_by_its_owner_only(tmp_path):
    call_command("backup", tmp_path / "file")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_backup_replaces_regular_files_only(tmp_path):
    (tmp_path / "real").write_text("kept")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "device")
    before = sorted(path.name for path in tmp_path.iterdir())
    for name in ("link", "folder", "device"):
        with pytest.raises(CommandError, match="is a link, a folder or a device"):
            call_command("backup", tmp_path / name)
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", tmp_path / "missing" / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "link").readlink() == Path("real")
    assert (tmp_path / "real").read_text() == "kept"
    call_command("backup", tmp_path / "real")
    assert (tmp_path / "real").read_bytes().startswith(backups.MAGIC)


@pytest.mark.parametrize("name", ["", "missing"])
def test_restore_reads_files_only(tmp_path, name):
    with pytest.raises(CommandError, match="is not a file"):
        call_command("restore", tmp_path / name, force=True)


def read_photos() -> tuple[list[dict], dict[str, bytes]]:
    return list(Attachment.objects.order_by("pk").values()), stored_files()


def test_restore_brings_back_every_photo_and_no_other(tmp_path):
    ticket = make_report(photos=2)
    prepare_all()
    make_message(ticket)  # waits for the worker
    clean_up()
    before = read_photos()
    assert len(before[1]) == 5
    call_command("backup", tmp_path / "file")
    remove_photo(ticket.photos.earliest("uploaded_at"), by=HELPDESK, reason="Shows a face")
    make_report()
    call_command("restore", tmp_path / "file", force=True)
    assert read_photos() == before
    prepare_all()
    assert {photo.state for photo in Attachment.objects.all()} == {State.READY}


def test_backup_of_a_release_without_photos_is_restored(tmp_path):
    make_ticket("closed")
    call_command("backup", tmp_path / "new")
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "new").read_bytes()[backups.HEAD :])) as archive:
        dump = archive.extractfile("dump").read()
    digest = hashlib.sha256(dump).hexdigest().encode()
    (tmp_path / "old").write_bytes(backups.MAGIC_WITHOUT_PHOTOS + digest + b"\n" + dump)
    before = rows()
    make_ticket()
    call_command("restore", tmp_path / "old", force=True)
    assert rows() == before
