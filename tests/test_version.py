import re
import tomllib
from pathlib import Path

from django.conf import settings

from common import __version__

ROOT = Path(__file__).parent.parent


def test_version_is_defined_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "common.__version__"}
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == __version__


def test_changelog_has_an_entry_for_the_version():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert headings[0] == "Unreleased"
    assert headings[1] == __version__
