"""The texts of the demo campus as its authors wrote them, read from the folder beside."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "texts"
COLD, WARM = {11, 12, 1, 2, 3}, {5, 6, 7, 8, 9}
MONTHS = {"cold": COLD, "warm": WARM, "": COLD | WARM | {4, 10}}


@dataclass(frozen=True)
class Situation:
    """Something that goes wrong: what users say of it, how the talk goes on, how it ends."""

    category: str
    where: str
    say: tuple[str, ...]
    talk: tuple[tuple[str, str], ...]
    done: tuple[str, ...]
    note: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    lang: str = "en"
    season: str = ""

    def is_of(self, month: int) -> bool:
        """Whether such a thing happens in that month."""
        return month in MONTHS[self.season]


class Report(NamedTuple):
    """A situation and which of its sentences a user says."""

    situation: Situation
    say: int


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def situations() -> tuple[Situation, ...]:
    """All situations, in a fixed order."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        texts = read(path.name)
        for entry in texts.get("situation", []):
            category = entry.pop("category", None) or texts["category"]
            found.append(Situation(category, **frozen(entry)))
    return tuple(found)


def frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(map(deep, value)) if isinstance(value, list) else value for name, value in entry.items()
    }


def deep(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def common() -> dict[str, Any]:
    """Sentences that fit every report, by role and language, and the words for the slots."""
    return read("common.toml")


def event(name: str, category: str) -> Situation:
    """A big event ("outage", "cold") as a situation."""
    texts = frozen(common()[name])
    return Situation(category, where="any", talk=(), **texts)
