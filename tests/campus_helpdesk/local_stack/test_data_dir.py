import os
import stat
import subprocess
import sys

import pytest

from campus_helpdesk.local_stack.data_dir import (
    ROOT,
    DirectoryInUse,
    DirectoryUnusable,
    Lock,
    chosen_data_dir,
    keys,
    make_directory,
    secret,
)


def test_data_directory_is_var_by_default(monkeypatch, folder):
    monkeypatch.delenv("DATA", raising=False)
    assert chosen_data_dir() == ROOT / "var"
    monkeypatch.setenv("DATA", str(folder))
    assert chosen_data_dir() == folder


def test_new_directory_is_private_and_an_existing_one_unchanged(folder):
    made = make_directory(folder / "a" / "data")
    assert stat.S_IMODE(made.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
    made.chmod(0o750)
    assert stat.S_IMODE(make_directory(made).stat().st_mode) == 0o750


@pytest.mark.parametrize("name", ["a-file", "a-file/data"])
def test_directory_that_cannot_be_created_is_reported_in_one_line(folder, name):
    (folder / "a-file").write_text("kept")
    with pytest.raises(DirectoryUnusable, match=f"^The folder {folder / name} cannot be created: .*\\.$"):
        make_directory(folder / name)
    assert (folder / "a-file").read_text() == "kept"


def test_empty_secret_is_replaced(folder):
    (folder / "word").touch()
    assert len(secret(folder, "word")) >= 64


def test_secret_is_created_once_and_private(folder):
    first = secret(folder, "word")
    assert len(first) >= 64
    assert secret(folder, "word") == first
    assert stat.S_IMODE((folder / "word").stat().st_mode) == 0o600


def test_keys_of_the_environment_take_precedence(folder, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "given")
    monkeypatch.delenv("SERVICE_KEY", raising=False)
    assert keys(folder) == {"SECRET_KEY": "given", "SERVICE_KEY": secret(folder, "service-key")}
    assert not (folder / "secret-key").exists()


def test_lock_has_one_holder_and_names_it(folder):
    lock = Lock(folder / "lock")
    lock.take()
    with pytest.raises(DirectoryInUse, match=f"in use by process {os.getpid()}:"):
        Lock(folder / "lock").take()
    lock.release()
    assert not Lock(folder / "lock").is_taken()


def test_lock_of_a_killed_holder_is_free_and_abandoned(folder):
    program = (
        "import os, signal, sys; from pathlib import Path;"
        "from campus_helpdesk.local_stack.data_dir import Lock;"
        "Lock(Path(sys.argv[1])).take(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, folder / "lock"], cwd=ROOT, check=False)

    lock = Lock(folder / "lock")
    assert lock.was_abandoned()
    lock.take()
    lock.release()
    assert not lock.was_abandoned()


def test_unreadable_lock_does_not_count_as_abandoned(folder):
    """The folder itself says later, in one line, that it is not ours."""
    program = (
        "import os, sys; from pathlib import Path;"
        "from campus_helpdesk.local_stack.data_dir import Lock;"
        "os.getuid() or os.setuid(65534); print(Lock(Path(sys.argv[1])).was_abandoned())"
    )
    closed = folder / "closed"
    closed.mkdir()
    (closed / "lock").write_text("7")
    closed.chmod(0)
    words = [sys.executable, "-c", program, closed / "lock"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    closed.chmod(0o700)
    assert (done.stdout, done.stderr) == ("False\n", "")
