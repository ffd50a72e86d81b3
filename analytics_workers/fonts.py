"""The fonts of the charts, the same on every machine: matplotlib's own, and Noto's for missing glyphs."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager

OWN = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
PACKAGES = ("manimgx_fonts", "noto_cjk_sans_jp_regular")


def load_fonts() -> list[str]:
    """Replaces the machine's own fonts. Returns the families, in the order in which a glyph is looked up."""
    manager = font_manager.fontManager
    manager.ttflist.clear()
    for path in list_files():
        manager.addfont(path)
    return list(dict.fromkeys(font.name for font in manager.ttflist))


def list_files() -> Iterator[Path]:
    yield from (Path(mpl.get_data_path(), "fonts", "ttf", name) for name in OWN)
    for package in PACKAGES:
        folder = Path(str(files(package)))
        yield from sorted(path for path in folder.glob("*.[ot]tf") if "Italic" not in path.name)
