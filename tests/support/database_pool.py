"""Databases that were made once and are lent to one test after the other."""

import tempfile
from pathlib import Path

from campus_helpdesk.local_stack.data_dir import make_directory
from campus_helpdesk.local_stack.postgres_server import Postgres

PARTS = ("postgres", "postgres-password")


class Pool:
    """Databases that were made once, as the product makes them, and are lent to one test after the other,
    because making one writes 46 MB. Tests of the making do not use them."""

    def __init__(self, directory: Path):
        self._directory = directory
        self._free: list[Path] = []

    def lend(self, folder: Path) -> None:
        """Moves a database with its password into a data folder."""
        stock = self._free.pop() if self._free else self._make()
        make_directory(folder)
        for name in PARTS:
            (stock / name).rename(folder / name)

    def take_back(self, folder: Path) -> None:
        """A database that is running, or was left half-way, is not lent again."""
        if (folder / "postgres/data/postmaster.pid").exists() or (folder / "postgres/data.new").exists():
            return
        stock = Path(tempfile.mkdtemp(dir=self._directory))
        for name in PARTS:
            (folder / name).rename(stock / name)
        self._free.append(stock)

    def _make(self) -> Path:
        server = Postgres(Path(tempfile.mkdtemp(dir=self._directory)))
        server.folder.chmod(0o711)
        server.prepare()
        server.stop()
        return server.folder
