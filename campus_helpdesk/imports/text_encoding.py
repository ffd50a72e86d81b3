"""Which encoding a file of text is in: its byte order mark says so, else UTF-8, else Western Windows.

It is never guessed in silence: what was taken is said, and what fits into none is refused with its position.
"""

import codecs
import re
from functools import partial
from typing import BinaryIO, NamedTuple

UTF8, WINDOWS = "utf-8", "cp1252"
# The longer marks first: that of UTF-16 is the beginning of that of UTF-32.
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
# Nobody writes so many accented letters in a row: it is another alphabet in an encoding of its own.
OTHER_ALPHABET = re.compile(rb"[\xc0-\xff]{5}")
WORD = re.compile(r"\w*[^\x00-\x7f]\w*")
LONGEST_SAMPLE = 30


class Undecodable(Exception):
    """The file is in no encoding that is read here."""

    def __init__(self, line: int, sentence: str):
        super().__init__(sentence)
        self.line = line


class TextEncoding(NamedTuple):
    """codec: what Python calls it. label: as people call it, with what it was taken from."""

    codec: str
    label: str


def find_encoding(file: BinaryIO) -> TextEncoding:
    """Reads all of the file. Raises Undecodable."""
    file.seek(0)
    start = file.read(4)
    marked = next((codec for mark, codec in MARKS if start.startswith(mark)), None)
    if marked is None and b"\x00" in start:
        raise Undecodable(1, "looks like UTF-16 without a byte order mark; save it as UTF-8")
    fault = find_fault(file, marked or UTF8)
    if fault is None:
        return TextEncoding(marked or UTF8, NAMES[marked or UTF8])
    if marked:
        raise fault
    return read_as_windows(file, fault)


def find_fault(file: BinaryIO, codec: str) -> Undecodable | None:
    """The first place that the codec cannot read, None where it reads all."""
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


def read_as_windows(file: BinaryIO, fault: Undecodable) -> TextEncoding:
    """For a file that is not UTF-8, which `fault` says. Raises Undecodable where it is not cp1252 either.

    More UTF-8 than other bytes beyond ASCII is UTF-8 with a damage, which would come out garbled.
    """
    sequences = others = 0
    sample = ""
    file.seek(0)
    for number, line in enumerate(file, start=1):
        if OTHER_ALPHABET.search(line):
            raise Undecodable(
                number, f"{fault}, and line {number} is in no Western alphabet; save it as UTF-8"
            )
        found = UTF8_SEQUENCE.findall(line)
        sequences += len(found)
        others += len(BEYOND_ASCII.findall(line)) - sum(map(len, found))
        sample = sample or find_sample(number, line)
    if sequences >= others:
        raise Undecodable(fault.line, f"{fault}, although most of it is; save it as UTF-8")
    if find_fault(file, WINDOWS):
        raise Undecodable(fault.line, f"{fault}, nor is it Windows-1252; save it as UTF-8")
    return TextEncoding(WINDOWS, f"Windows-1252, as it is not UTF-8 ({sample})")


def find_sample(number: int, line: bytes) -> str:
    """The first word of a line beyond ASCII, for people to look at. Empty where there is none."""
    word = WORD.search(line.decode(WINDOWS, "replace"))
    return f'line {number} reads "{word[0][:LONGEST_SAMPLE]}"' if word else ""
