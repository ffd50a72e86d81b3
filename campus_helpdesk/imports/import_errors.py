"""The errors in the files of an import: all are found first and reported together."""

from collections import Counter
from collections.abc import Iterable, Iterator

MAX_SHOWN = 20  # of each file


class ImportRefused(Exception):
    """Nothing was written; one line per error."""


class RowRefused(Exception):
    """One row cannot be imported, for all these reasons."""

    def __init__(self, messages: Iterable[str]):
        super().__init__("; ".join(messages))


class ImportErrors:
    """The errors of both files, by line. source: "tickets" or "messages".

    All are counted and the first of each file are stored, so that a million bad rows need little memory.
    """

    def __init__(self) -> None:
        self.has_unread_rows = False
        self._counts: Counter[str] = Counter()
        self._shown: dict[str, list[tuple[int, str]]] = {"tickets": [], "messages": []}

    def __bool__(self) -> bool:
        return self._counts.total() > 0

    def add(self, source: str, line: int, message: str) -> None:
        self._counts[source] += 1
        if len(self._shown[source]) < MAX_SHOWN:
            self._shown[source].append((line, message))

    def end_file(self, source: str, line: int, message: str) -> None:
        """An error after which the rest of the file cannot be read."""
        self.has_unread_rows = True
        self.add(source, line, message)

    def refuse(self) -> None:
        """Raises ImportRefused if there is any error."""
        if self:
            raise ImportRefused("\n".join(self._describe()))

    def _describe(self) -> Iterator[str]:
        for source, shown in self._shown.items():
            yield from (f"{source}, line {line}: {message}" for line, message in sorted(shown))
            if more := self._counts[source] - len(shown):
                yield f"{source}: and {more:,} more"
