"""One CSV file: its encoding, delimiter and columns, and its records as a stream that can be read
repeatedly."""

import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from campus_helpdesk.imports.import_errors import ImportErrors
from campus_helpdesk.imports.text_encoding import TextEncoding, Undecodable, find_encoding

if TYPE_CHECKING:
    from _csv import Reader

Value = TypeVar("Value")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Ignored cells may also be long. A cell beyond this means an unclosed quotation mark.
MAX_CELL_LENGTH = 1 << 24
MAX_NAMES_SHOWN = 12


class Columns(NamedTuple):
    """The columns that a file must have, and those that are read if present; all others are ignored."""

    needed: frozenset[str]
    one_of: frozenset[str]
    optional: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.needed | self.one_of | self.optional


class HeaderRefused(ValueError):
    """The message names the missing columns and the existing ones."""


class Record:
    """The cells of one record by column, empty if the file has no such column.

    errors: messages about the cells that could not be read.
    """

    __slots__ = ("_positions", "_values", "errors", "line")

    def __init__(self, line: int, positions: dict[str, int], values: list[str]):
        self.line, self._positions, self._values = line, positions, values
        self.errors: list[str] = []

    def text(self, name: str) -> str:
        return self._values[self._positions[name]] if name in self._positions else ""

    def read(self, name: str, convert: Callable[[str, str], Value], default: Value) -> Value:
        try:
            return convert(name, self.text(name))
        except ValueError as error:
            self.errors.append(str(error))
            return default


@dataclass(frozen=True)
class CsvFile:
    """positions: the columns that are read, with their positions. width: the number of columns."""

    source: str
    file: BinaryIO
    encoding: TextEncoding
    delimiter: str
    positions: dict[str, int]
    width: int

    def __str__(self) -> str:
        return f"{self.source}: {self.encoding.label}, columns separated by {DELIMITERS[self.delimiter]}"

    def records(self, errors: ImportErrors) -> Iterator[Record]:
        """Each record that has as many cells as the header; the others are errors."""
        for line, values in self._read_lines(errors):
            if len(values) == self.width:
                yield Record(line, self.positions, values)
            else:
                errors.add(self.source, line, f"{len(values)} fields where the header has {self.width}")

    def _read_lines(self, errors: ImportErrors) -> Iterator[tuple[int, list[str]]]:
        """What follows the header and is not blank, with the number of the line on which it begins."""
        with open_text(self.file, self.encoding.codec) as text:
            reader = read_csv(text, self.delimiter)
            next(reader)
            has_ended = False
            while not has_ended:
                line = reader.line_num + 1
                try:
                    for values in reader:
                        if values:
                            yield line, values
                        line = reader.line_num + 1
                    has_ended = True
                except csv.Error as error:
                    has_ended = self._refuse_line(errors, line, str(error))

    def _refuse_line(self, errors: ImportErrors, line: int, error: str) -> bool:
        """Whether reading ends here: after an unclosed cell the next line cannot be found."""
        if "field limit" not in error and "end of data" not in error:
            errors.add(self.source, line, f"cannot be read: {error}")
            return False
        errors.end_file(self.source, line, f"cannot be read: a quotation mark is not closed ({error})")
        return True


def open_csv(source: str, path: Path, columns: Columns, errors: ImportErrors) -> CsvFile | None:
    """None if no record can be read, which is recorded as an error. Raises OSError."""
    file = open_bytes(path)
    try:
        encoding = find_encoding(file)
        delimiter, names = read_header(file, encoding, columns)
        return CsvFile(source, file, encoding, delimiter, find_positions(names, columns), len(names))
    except Undecodable as error:
        errors.end_file(source, error.line, f"cannot be read: {error}")
    except HeaderRefused as error:
        errors.end_file(source, 1, str(error))
    return None


def open_bytes(path: Path) -> BinaryIO:
    """The file; a pipe is copied first, since it is read more than once."""
    file = path.open("rb")
    if file.seekable():
        return file
    with file:
        copied: BinaryIO = TemporaryFile()  # noqa: SIM115
        shutil.copyfileobj(file, copied)
    return copied


@contextmanager
def open_text(file: BinaryIO, codec: str) -> Iterator[io.TextIOWrapper]:
    """The file from its beginning; it stays open afterwards."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=codec, newline="")
    try:
        yield text
    finally:
        text.detach()


def read_csv(text: io.TextIOWrapper, delimiter: str) -> "Reader":
    csv.field_size_limit(MAX_CELL_LENGTH)
    return csv.reader(text, delimiter=delimiter, strict=True)


def read_header(file: BinaryIO, encoding: TextEncoding, columns: Columns) -> tuple[str, list[str]]:
    """The delimiter under which the header has most of the columns, or at least most names; and its names."""
    headers = {delimiter: read_names(file, encoding, delimiter) for delimiter in DELIMITERS}
    known = {fold(name) for name in columns.all}

    def count(delimiter: str) -> tuple[int, int]:
        return len(known & set(map(fold, headers[delimiter]))), len(headers[delimiter])

    best = max(DELIMITERS, key=count)
    return best, headers[best]


def read_names(file: BinaryIO, encoding: TextEncoding, delimiter: str) -> list[str]:
    """Empty if the first line is not a header under this delimiter."""
    with open_text(file, encoding.codec) as text:
        try:
            return next(read_csv(text, delimiter), [])
        except csv.Error:
            return []


def find_positions(names: list[str], columns: Columns) -> dict[str, int]:
    """The position of each column that is read. Raises HeaderRefused."""
    folded = [fold(name) for name in names]
    counts = Counter(folded)
    positions = {name: folded.index(fold(name)) for name in columns.all if fold(name) in counts}
    missing = sorted(columns.needed - set(positions))
    if not columns.one_of & set(positions):
        missing.append(" or ".join(sorted(columns.one_of)))
    if missing:
        raise HeaderRefused(f"the header lacks {', '.join(missing)}; it has {show_names(names)}")
    if repeated := sorted(name for name in positions if counts[fold(name)] > 1):
        raise HeaderRefused(f"the header names a column twice: {', '.join(repeated)}")
    return positions


def show_names(names: list[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:MAX_NAMES_SHOWN])
    more = len(names) - MAX_NAMES_SHOWN
    return (shown or "nothing") + (f" and {more} more" if more > 0 else "")


def fold(name: str) -> str:
    """A name without case, spaces, hyphens and underscores: `Opened At` is `opened_at`."""
    return re.sub(r"[\s_-]+", "", name).casefold()
