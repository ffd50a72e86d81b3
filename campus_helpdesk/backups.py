"""The whole database as one file with its checksum, and back again.

PostgreSQL's own pg_dump and pg_restore do the work: one snapshot out, one transaction in.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from campus_helpdesk.database import long_work
from campus_helpdesk.embedded.homes import packaged_programs
from tickets.models import Ticket

MAGIC = b"campus-helpdesk backup 1 sha256 "
HEAD = len(MAGIC) + 64 + 1


class BackupRefused(Exception):
    """Nothing was written or restored; the text is one line for a person."""


def find_program(name: str) -> str:
    """PostgreSQL's program of the wheel, else of the machine. Raises BackupRefused."""
    try:
        return str(packaged_programs() / name)
    except FileNotFoundError:
        found = shutil.which(name)
        if found is None:
            raise BackupRefused(f"{name} is not installed on this machine.") from None
        return found


def run_program(name: str, *words: str) -> str:
    """What it printed. The password goes through the environment, never through the command line."""
    known = connection.settings_dict
    target = {
        "PGHOST": known["HOST"],
        "PGPORT": known["PORT"],
        "PGUSER": known["USER"],
        "PGDATABASE": known["NAME"],
    }
    target["PGPASSWORD"] = known["PASSWORD"]
    environment = os.environ | {key: str(value) for key, value in target.items() if value}
    run = subprocess.run([find_program(name), *words], env=environment, capture_output=True, text=True)
    if run.returncode:
        raise BackupRefused(
            f"{name}: {run.stderr.strip().splitlines()[-1] if run.stderr else run.returncode}"
        )
    return run.stdout


def write_backup(target: Path) -> int:
    """Write the whole database to a file that appears when it is complete. Returns its bytes."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, whole = Path(folder) / "dump", Path(folder) / "whole"
        run_program("pg_dump", "--format=custom", "--no-owner", "--no-acl", "--no-comments", f"--file={dump}")
        with dump.open("rb") as source, whole.open("wb") as file:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            file.write(MAGIC + digest.encode() + b"\n")
            source.seek(0)
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        whole.chmod(0o600)
        whole.replace(target)
    return target.stat().st_size


def read_backup(source: Path, dump: Path) -> None:
    """The dump inside a backup, its checksum compared. Raises BackupRefused."""
    with source.open("rb") as file:
        head = file.read(HEAD)
        with dump.open("wb") as copy:
            shutil.copyfileobj(file, copy)
    with dump.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if head != MAGIC + digest.encode() + b"\n":
        raise BackupRefused(f"{source} is no backup of ours, or it is damaged. Nothing was changed.")


def is_empty() -> bool:
    return "tickets_ticket" not in connection.introspection.table_names() or not Ticket.objects.exists()


def restore_backup(source: Path, *, force: bool) -> None:
    """Put the database back as it was, in one transaction; then bring an older one up to this release.

    Raises BackupRefused.
    """
    if not force and not is_empty():
        raise BackupRefused("This helpdesk has tickets. --force replaces them; take a backup first.")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        read_backup(source, dump)
        database = connection.settings_dict["NAME"]
        younger = find_younger_tables(dump)
        connection.close()
        words = ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction"]
        run_program("pg_restore", *words, f"--dbname={database}", str(dump))
    drop_tables(younger)
    call_command("migrate", interactive=False, verbosity=0)
    forget_foreign_changes()


def find_younger_tables(dump: Path) -> set[str]:
    """Tables of this release that an older backup does not know, and so does not replace."""
    kept = re.findall(r" TABLE public (\w+) ", run_program("pg_restore", "--list", str(dump)))
    return set(connection.introspection.django_table_names(only_existing=True)) - set(kept)


def drop_tables(names: set[str]) -> None:
    with long_work(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)} CASCADE")


def forget_foreign_changes() -> None:
    """Each server counts its transactions anew: a ticket whose number this one has not reached yet would
    count as changed for ever. It counts as changed now."""
    with long_work(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE tickets_ticket SET changed_xid = pg_current_xact_id()::text::bigint"
            " WHERE changed_xid > pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
