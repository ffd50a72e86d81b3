"""The encoding of a text file: by its byte order mark, else UTF-8, else Western Windows.

The output names the choice, and a file that fits none of them is refused with the position.
"""

import codecs
import re
from functools import partial
from typing import BinaryIO, NamedTuple

UTF8, WINDOWS = "utf-8", "cp1252"
# The longer marks first: that of UTF-32 begins with that of UTF-16.
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
CHUNK = 1 << 20
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Nobody writes this many accented letters in a row: it is another alphabet in its own encoding.
OTHER_ALPHABET = re.compile(rb"[\xc0-\xff]{5}")
WORD = re.compile(r"\w*[^\x00-\x7f]\w*")
MAX_SAMPLE_LENGTH = 30


class Undecodable(Exception):
    """The file is in no encoding that is supported here."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


class TextEncoding(NamedTuple):
    """codec: Python's name. label: a name for people, with how it was recognised."""

    codec: str
    label: str


def find_encoding(file: BinaryIO) -> TextEncoding:
    """Reads all of the file. Raises Undecodable."""
    file.seek(0)
    start = file.read(4)
    marked = next((codec for mark, codec in MARKS if start.startswith(mark)), None)
    if marked is None and b"\x00" in start:
        raise Undecodable(1, "looks like UTF-16 without a byte order mark; save it as UTF-8")
    error = find_error(file, marked or UTF8)
    if error is None:
        return TextEncoding(marked or UTF8, NAMES[marked or UTF8])
    if marked:
        raise error
    return read_as_windows(file, error)


def find_error(file: BinaryIO, codec: str) -> Undecodable | None:
    """The first position that the codec cannot read, None if it can read all."""
    decoder, lines = codecs.getincrementaldecoder(codec)(), 1
    file.seek(0)
    try:
        for chunk in iter(partial(file.read, CHUNK), b""):
            lines += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        position = file.tell() - len(error.object) + error.start
        lines += error.object[: error.start].decode(error.encoding, "ignore").count("\n")
        bad = error.object[error.start : error.end].hex(" ")
        return Undecodable(lines, f"is not {NAMES.get(codec, codec)}: {bad} at byte {position + 1:,}")
    return None


def read_as_windows(file: BinaryIO, error: Undecodable) -> TextEncoding:
    """For a file that is not UTF-8, as `error` says. Raises Undecodable if it is not cp1252 either.

    If most bytes beyond ASCII form valid UTF-8, it is damaged UTF-8, which would come out garbled.
    """
    sequences = others = 0
    sample = ""
    file.seek(0)
    for number, line in enumerate(file, start=1):
        if OTHER_ALPHABET.search(line):
            raise Undecodable(
                number, f"{error}, and line {number} does not look like Western text; save it as UTF-8"
            )
        found = UTF8_SEQUENCE.findall(line)
        sequences += len(found)
        others += len(BEYOND_ASCII.findall(line)) - sum(map(len, found))
        sample = sample or find_sample(number, line)
    if sequences >= others:
        raise Undecodable(error.line, f"{error}, but mostly UTF-8; repair or re-save it as UTF-8")
    if find_error(file, WINDOWS):
        raise Undecodable(error.line, f"{error}, nor is it Windows-1252; save it as UTF-8")
    return TextEncoding(WINDOWS, f"Windows-1252, as it is not UTF-8 ({sample})")


def find_sample(number: int, line: bytes) -> str:
    """The first word beyond ASCII of a line, for people to check. Empty if there is none."""
    word = WORD.search(line.decode(WINDOWS, "replace"))
    return f'line {number} reads "{word[0][:MAX_SAMPLE_LENGTH]}"' if word else ""
