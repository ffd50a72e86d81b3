"""Folders of the kinds that the stack meets, and what is left of their processes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from campus_helpdesk.local_stack import postgres_dirs
from tests.support.database_pool import Pool


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with tempfile.TemporaryDirectory(prefix="emb") as place:
        Path(place).chmod(0o711)
        yield Pool(Path(place))


@pytest.fixture
def filled_folder(folder: Path, pool: Pool) -> Iterator[Path]:
    """A data folder with a stopped database."""
    pool.lend(folder)
    yield folder
    pool.take_back(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that every user may enter."""
    path = Path(tempfile.mkdtemp(prefix="emb"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A data folder under a parent that is closed to everybody but us; cleans up what was made elsewhere."""
    parent = Path(tempfile.mkdtemp(prefix="emb"))
    parent.chmod(0o700)
    yield parent / "data"
    shutil.rmtree(parent)
    postgres_dirs.remove_orphaned()
