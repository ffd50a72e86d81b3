"""The data directory DATA: its lock and its secrets."""

import fcntl
import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class DirectoryUnusable(Exception):
    """Nothing can be stored in this directory; the text is one line for the operator."""


class DirectoryInUse(DirectoryUnusable):
    """Another process is using it."""


def chosen_data_dir() -> Path:
    """DATA from the environment, `var/` in the project's root without it."""
    return Path(os.environ.get("DATA") or ROOT / "var").absolute()


def files_url(folder: Path) -> str:
    """FILES_URL: where the photos are."""
    return (folder / "files").as_uri()


def make_directory(folder: Path) -> Path:
    """Creates it as private; root's may be entered by others, since the database runs as another user below
    it. Raises DirectoryUnusable."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise DirectoryUnusable(f"The folder {folder} cannot be created: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DirectoryUnusable(f"The folder {folder} is not writable for this user.")
    return folder


class Lock:
    """One holder at a time, released by the kernel when the holder dies."""

    def __init__(self, path: Path):
        self.path = path
        self._file: int | None = None

    def take(self) -> None:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode().strip()
            os.close(file)
            raise DirectoryInUse(
                f"The data folder {self.path.parent} is in use by process {holder or 'unknown'}: "
                "stop that one, or set DATA to another folder."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def was_abandoned(self) -> bool:
        """Whether the last holder was killed: its processes may still be stopping."""
        is_ours = os.access(self.path, os.R_OK | os.W_OK)
        return is_ours and self.path.stat().st_size > 0 and not self.is_taken()

    def is_taken(self) -> bool:
        try:
            self.take()
        except DirectoryInUse:
            return True
        self.release()
        return False


def secret(folder: Path, name: str) -> str:
    """A random secret, created once and stored in the directory, readable by its owner only."""
    path = folder / name
    if not has_secret(folder, name):
        new = path.with_name(f"{name}.{os.getpid()}")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
        new.rename(path)
    return path.read_text().strip()


def has_secret(folder: Path, name: str) -> bool:
    """An empty file, as a power failure may leave it, does not count."""
    path = folder / name
    return path.exists() and path.read_text().strip() != ""


def keys(folder: Path) -> dict[str, str]:
    """The keys of this installation; those in the environment take precedence."""
    make_directory(folder)
    names = {"SECRET_KEY": "secret-key", "SERVICE_KEY": "service-key"}
    return {name: os.environ.get(name) or secret(folder, file) for name, file in names.items()}
