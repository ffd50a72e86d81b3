"""Folders of the kinds that the stack meets, and what is left of their processes."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from campus_helpdesk.embedded import homes


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that every user may pass."""
    path = Path(tempfile.mkdtemp(prefix="emb"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A data folder under a parent that is closed to everybody but us; cleans up what it led to elsewhere."""
    parent = Path(tempfile.mkdtemp(prefix="emb"))
    parent.chmod(0o700)
    yield parent / "data"
    shutil.rmtree(parent)
    homes.remove_forgotten()
