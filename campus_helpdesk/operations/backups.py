"""The whole database and all photos as one file with its checksum, and back again.

PostgreSQL's own pg_dump, pg_restore and psql do the work: one snapshot out, one transaction in. After one
line with its checksum, the file is a tar archive: `dump`, and below `files/` what the rows of that snapshot
name. Backups of releases without photos are the dump alone.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from campus_helpdesk.operations.releases import Migration, check_migrations
from common.postgres_programs import find_program
from django_common.advisory_locks import AdvisoryLock, wait_for_session_lock
from django_common.database import unlimited_transaction
from messaging.attachments.cleaning import delete_orphans
from messaging.attachments.files import names_of, store
from messaging.attachments.models import Attachment
from tickets.models import Ticket

MAGIC = b"campus-helpdesk backup 2 sha256 "
MAGIC_WITHOUT_PHOTOS = b"campus-helpdesk backup 1 sha256 "
HEAD = len(MAGIC) + 64 + 1
DUMP, FILES = "dump", "files/"

# Drops everything in the schema, except what belongs to an extension: objects that an older release does not
# know would conflict with the migrations to this one. Tables first, with their sequences.
CLEAR = b"""
BEGIN;
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT object.type, object.identity
        FROM pg_depend AS here, pg_identify_object(here.classid, here.objid, 0) AS object
        WHERE here.refclassid = 'pg_namespace'::regclass AND here.refobjid = 'public'::regnamespace
            AND here.classid <> 'pg_extension'::regclass
            AND NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = here.classid
                AND member.objid = here.objid AND member.deptype = 'e')
        ORDER BY object.type <> 'table'
    LOOP
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', found.type, found.identity);
    END LOOP;
END $$;
"""
# Each server has its own transaction counter: a row with a number that this server has not reached would
# count as changed forever. Instead it counts as changed now.
FINISH = b"""
SET search_path = public;
DO $$
DECLARE
    found regclass;
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;  -- a table with checks that are still to come cannot be altered
    FOR found IN
        SELECT attrelid FROM pg_attribute WHERE attname = 'changed_xid'
            AND attrelid IN (to_regclass('tickets_ticket'), to_regclass('tickets_feedback'))
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', found);
        EXECUTE format('UPDATE %s SET changed_xid = pg_current_xact_id()::text::bigint
            WHERE changed_xid > pg_snapshot_xmin(pg_current_snapshot())::text::bigint', found);
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', found);
    END LOOP;
END $$;
COMMIT;
"""


class BackupRefused(Exception):
    """Nothing was written or restored; the text is one line for the operator."""


def program(name: str) -> str:
    """The path of a program of PostgreSQL. Raises BackupRefused."""
    found = find_program(name)
    if found is None:
        raise BackupRefused(f"{name} is not installed on this machine.")
    return found


def program_environment() -> dict[str, str]:
    """The password is passed in the environment, never on the command line."""
    known = connection.settings_dict
    target = {
        "PGHOST": known["HOST"],
        "PGPORT": known["PORT"],
        "PGUSER": known["USER"],
        "PGDATABASE": known["NAME"],
    }
    target["PGPASSWORD"] = known["PASSWORD"]
    return os.environ | {key: str(value) for key, value in target.items() if value}


def run_program(name: str, *arguments: str) -> str:
    """Its output. Raises BackupRefused."""
    command = [program(name), *arguments]
    run = subprocess.run(command, env=program_environment(), capture_output=True, text=True)
    if run.returncode:
        raise BackupRefused(
            f"{name}: {run.stderr.strip().splitlines()[-1] if run.stderr else run.returncode}"
        )
    return run.stdout


def write_backup(target: Path) -> int:
    """Writes everything to a file that appears when it is complete. Returns its size in bytes. Raises
    BackupRefused for anything but a regular file, which would be replaced."""
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise BackupRefused(f"{target} is a link, a folder or a device: name a new file, or one to replace.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}.")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, backup = Path(folder) / "dump", Path(folder) / "backup"
        with wait_for_session_lock(AdvisoryLock.PHOTO_FILES):  # nothing that the snapshot names is deleted
            names = write_dump(dump)
            with backup.open("w+b") as file:
                file.write(bytes(HEAD))
                write_archive(file, dump, names)
                seal(file)
        backup.chmod(0o600)
        backup.replace(target)
    return target.stat().st_size


def write_dump(dump: Path) -> list[str]:
    """Dumps one snapshot of the database. Returns the names of the photos' files in it. Raises
    BackupRefused."""
    with unlimited_transaction(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        options = ("--format=custom", "--no-owner", "--no-acl", "--no-comments", f"--snapshot={snapshot}")
        run_program("pg_dump", *options, f"--file={dump}")
        return list_photo_files()


def list_photo_files() -> list[str]:
    """None if the database is of a release without photos, as before it is migrated to this one."""
    if Attachment._meta.db_table not in connection.introspection.table_names():
        return []
    return sorted(name for photo in Attachment.objects.iterator() for name in names_of(photo))


def write_archive(file: IO[bytes], dump: Path, names: list[str]) -> None:
    """A file that is not there yet, because it is just being uploaded or prepared, is left out."""
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(dump, DUMP)
        for name in names:
            try:
                stored = default_storage.open(name)
            except FileNotFoundError:
                continue
            with stored:
                member = tarfile.TarInfo(FILES + name)
                member.size = stored.size
                archive.addfile(member, stored)


def seal(file: IO[bytes]) -> None:
    """Writes the first line: the checksum of what follows it."""
    file.seek(HEAD)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # the stubs want more
    file.seek(0)
    file.write(MAGIC + digest.encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


def read_backup(source: Path, dump: Path) -> bool:
    """Copies the dump out of a backup, after its checksum was compared. Returns whether it may hold photos.
    Raises BackupRefused."""
    if not source.is_file():
        raise BackupRefused(f"{source} is not a file.")
    with source.open("rb") as file:
        head = file.read(HEAD)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if head not in (magic + digest.encode() + b"\n" for magic in (MAGIC, MAGIC_WITHOUT_PHOTOS)):
            raise BackupRefused(
                f"{source} is not a backup of this program, or it is damaged. Nothing was changed."
            )
        file.seek(HEAD)
        has_photos = head.startswith(MAGIC)
        with dump.open("wb") as copy:
            if has_photos:
                copy_dump(file, copy)
            else:
                shutil.copyfileobj(file, copy)
    return has_photos


def copy_dump(file: IO[bytes], copy: IO[bytes]) -> None:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        stored = archive.extractfile(DUMP)
        assert stored is not None
        shutil.copyfileobj(stored, copy)


def restore_photos(source: Path) -> None:
    """Writes the photos of a backup into the storage. Their names are of no other photo."""
    with source.open("rb") as file:
        file.seek(HEAD)
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                if member.name.startswith(FILES) and (content := archive.extractfile(member)):
                    store(member.name.removeprefix(FILES), File(content))


def restore_backup(source: Path, *, force: bool) -> None:
    """Restores the photos, then the database in one transaction, and migrates an older one to this release.

    If this process ends before, the next start migrates, and files that belong to no photo are deleted at
    night.

    Raises BackupRefused, NewerData.
    """
    check_target(force)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        has_photos = read_backup(source, dump)
        check_migrations(read_migrations(dump), str(source))
        if has_photos:
            restore_photos(source)
        connection.close()
        replace_everything(dump)
    call_command("migrate", interactive=False, verbosity=0)
    delete_orphans()  # the photos of what was replaced
    gather_statistics()


def check_target(force: bool) -> None:
    """Raises BackupRefused."""
    tables = connection.introspection.table_names()
    if tables and "django_migrations" not in tables:
        raise BackupRefused(
            f"This database contains other tables ({tables[0]}). Restore into an empty database."
        )
    if not force and "tickets_ticket" in tables and Ticket.objects.exists():
        raise BackupRefused("This helpdesk has tickets. --force replaces them; take a backup first.")


def read_migrations(dump: Path) -> set[Migration]:
    """The migrations that the database of a dump had. Raises BackupRefused."""
    text = run_program("pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(dump))
    rows = re.findall(r"^\d+\t(\w+)\t(\w+)\t", text, re.MULTILINE)
    if not rows:
        raise BackupRefused("This is not a backup of a helpdesk. Nothing was changed.")
    return set(rows)


def replace_everything(dump: Path) -> None:
    """Replaces everything by the dump, in one transaction. Raises BackupRefused."""
    psql = [program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    pg_restore = [program("pg_restore"), "--no-owner", "--no-acl", "--file=-", str(dump)]
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(
            psql, bufsize=0, env=program_environment(), stdin=subprocess.PIPE, stdout=output, stderr=output
        ) as session:
            assert session.stdin is not None
            is_complete = send_to_psql(session.stdin, pg_restore, output)
        output.seek(0)
        if session.returncode or not is_complete:
            raise BackupRefused(
                f"The backup was not restored: {find_error(output.read())} Nothing was changed."
            )


def send_to_psql(session: IO[bytes], command: list[str], output: IO[str]) -> bool:
    """Pipes the command's output into a session of psql. Only the last statement commits, so an interruption
    of any kind changes nothing. False if it was interrupted; the reason was printed."""
    try:
        session.write(CLEAR)
        subprocess.run(command, stdout=session, stderr=output, check=True)
        session.write(FINISH)
    except (BrokenPipeError, subprocess.CalledProcessError):
        return False
    return True


def find_error(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line.lower()] or ["psql ended."]
    return lines[0]


def gather_statistics() -> None:
    """A dump contains no statistics, and without them the planner reads whole tables."""
    with unlimited_transaction(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
