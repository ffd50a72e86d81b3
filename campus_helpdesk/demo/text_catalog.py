"""The texts of the demo campus, read from the folder beside this module."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER, VAGUE = Path(__file__).parent / "texts", "vague.toml"
COLD, WARM = {11, 12, 1, 2, 3}, {5, 6, 7, 8, 9}
MONTHS = {"cold": COLD, "warm": WARM, "": COLD | WARM | {4, 10}}


@dataclass(frozen=True)
class Situation:
    """Something that goes wrong: what users report, how the conversation continues, how it ends.

    done has one end for each of `reports`, or a single one that fits them all. replies_for has the numbers of
    the reports that the replies fit; empty if they fit all. is_bare: users write only that sentence.
    """

    category: str
    where: str
    reports: tuple[str, ...]
    replies: tuple[tuple[str, str], ...]
    done: tuple[str, ...]
    replies_for: tuple[int, ...] = ()
    note: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    lang: str = "en"
    season: str = ""
    is_bare: bool = False

    def is_of(self, month: int) -> bool:
        """Whether such a thing happens in that month."""
        return month in MONTHS[self.season]


class Report(NamedTuple):
    """A situation, and the number of the report that a user writes."""

    situation: Situation
    number: int

    @property
    def text(self) -> str:
        return self.situation.reports[self.number]

    @property
    def end(self) -> str:
        """The helpdesk's message when it is done."""
        return self.situation.done[self.number % len(self.situation.done)]

    @property
    def replies(self) -> tuple[tuple[str, str], ...]:
        """Questions of the helpdesk and their answers, if they fit this report."""
        fitting = self.situation.replies_for or range(len(self.situation.reports))
        return self.situation.replies if self.number in fitting else ()


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def situations() -> tuple[Situation, ...]:
    """All situations with clear reports, in a fixed order."""
    paths = [path for path in sorted(FOLDER.glob("*.toml")) if path.name != VAGUE]
    return tuple(situation for path in paths for situation in read_situations(path.name))


@cache
def vague_situations() -> tuple[Situation, ...]:
    """Those about which triage is unsure."""
    return tuple(read_situations(VAGUE, is_bare=True))


def read_situations(name: str, is_bare: bool = False) -> Iterator[Situation]:
    texts = read(name)
    for entry in texts.get("situation", []):
        category = entry.pop("category", None) or texts["category"]
        yield Situation(category, is_bare=is_bare, **frozen(entry))


def frozen(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(map(deep, value)) if isinstance(value, list) else value for name, value in entry.items()
    }


def deep(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def common() -> dict[str, Any]:
    """Sentences that fit every report, by role and language, and the values of placeholders."""
    return read("common.toml")


def event(name: str, category: str) -> Situation:
    """A big event ("outage", "cold") as a situation."""
    texts = frozen(common()[name])
    return Situation(category, where="any", replies=(), is_bare=True, **texts)
