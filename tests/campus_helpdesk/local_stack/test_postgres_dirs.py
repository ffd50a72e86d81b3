import os
import subprocess
import tempfile

import pytest

from campus_helpdesk.local_stack import postgres_dirs
from campus_helpdesk.local_stack.system_user import database_user


def test_database_is_in_the_data_directory_if_its_user_can_enter(folder):
    home = postgres_dirs.postgres_dir_for(folder)
    assert home.path == folder / "postgres"
    assert home.notice == ""
    assert postgres_dirs.postgres_dir_for(folder) == home


def test_database_of_root_below_a_private_directory_is_elsewhere(closed_folder):
    closed_folder.mkdir()
    home = postgres_dirs.postgres_dir_for(closed_folder)
    is_root = os.geteuid() == 0
    assert home.path.is_relative_to(postgres_dirs.SYSTEM_DIR) == is_root
    assert (str(home.path) in home.notice) == is_root
    assert postgres_dirs.postgres_dir_for(closed_folder).path == home.path


def test_missing_database_is_an_error_and_not_created_again(folder):
    (folder / postgres_dirs.POINTER).write_text("/nonexistent/place\n")
    with pytest.raises(postgres_dirs.PostgresDirUnusable, match="/nonexistent/place"):
        postgres_dirs.postgres_dir_for(folder)


def test_only_orphaned_databases_of_temporary_directories_are_removed(folder, monkeypatch):
    monkeypatch.setattr(postgres_dirs, "SYSTEM_DIR", folder / "elsewhere")
    needed, orphaned = folder / "elsewhere" / "needed", folder / "elsewhere" / "orphaned"
    for home, owner in ((needed, "/srv/helpdesk/var"), (orphaned, f"{tempfile.gettempdir()}/nobody/var")):
        home.mkdir(parents=True)
        (home / postgres_dirs.OWNER).write_text(f"{owner}\n")

    postgres_dirs.remove_orphaned()
    assert needed.exists()
    assert not orphaned.exists()


def test_copied_programs_run_as_the_database_user(folder, monkeypatch):
    monkeypatch.setattr(postgres_dirs, "SYSTEM_DIR", folder / "elsewhere")
    account = database_user()
    programs = postgres_dirs._copied_programs(postgres_dirs.packaged_programs().parents[2])
    assert programs.is_relative_to(folder)
    assert postgres_dirs._copied_programs(postgres_dirs.packaged_programs().parents[2]) == programs

    done = subprocess.run(
        [programs / "pg_isready", "--version"], capture_output=True, text=True, **account.popen_arguments()
    )
    assert done.stdout.startswith("pg_isready (PostgreSQL) 18"), done.stderr
