"""Checks that a picture is what it claims and harmless: SVG without script, PNG complete and of sensible
size."""

import struct
import zlib
from collections.abc import Iterator
from xml.parsers import expat

LARGEST = 5 * 1024 * 1024
WIDEST, HIGHEST = 2000, 1200  # pixels of a PNG
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SVG_NAME = "http://www.w3.org/2000/svg svg"
FORBIDDEN = {"script", "foreignobject", "iframe", "embed", "object", "handler", "set", "animate"}


class PictureRefused(ValueError):
    """The message says why."""


def check_png(raw: bytes) -> bytes:
    if len(raw) > LARGEST:
        raise PictureRefused("it is larger than 5 MiB")
    if not raw.startswith(PNG_MAGIC):
        raise PictureRefused("it is no PNG")
    try:
        (first, head), *_, (last, _) = read_chunks(raw)
        width, height = struct.unpack(">II", head[:8])
    except (struct.error, ValueError) as error:
        raise PictureRefused("it is not a complete PNG") from error
    if (first, last) != (b"IHDR", b"IEND"):
        raise PictureRefused("it is not a complete PNG")
    if not (0 < width <= WIDEST and 0 < height <= HIGHEST):
        raise PictureRefused(f"it is larger than {WIDEST} x {HIGHEST} pixels")
    return raw


def read_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk up to the very last byte. Raises ValueError, struct.error."""
    place = len(PNG_MAGIC)
    while place < len(raw):
        length, name = struct.unpack_from(">I4s", raw, place)
        content = raw[place + 8 : place + 8 + length]
        (crc,) = struct.unpack_from(">I", raw, place + 8 + length)
        if crc != zlib.crc32(name + content):
            raise ValueError("a checksum does not match")
        yield name, content
        place += 12 + length


def check_svg(raw: bytes) -> str:
    """The text of a well-formed SVG without script, foreign content or external addresses."""
    if len(raw) > LARGEST:
        raise PictureRefused("it is larger than 5 MiB")
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not names and name != SVG_NAME:
            raise PictureRefused("it does not start like an SVG")
        names.append(name)
        refuse_element(name, attributes)

    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entity
    parser.ProcessingInstructionHandler = refuse_instruction
    try:
        parser.Parse(raw, True)
        return raw.decode()
    except (expat.ExpatError, UnicodeDecodeError) as error:
        raise PictureRefused("it is not a well-formed SVG") from error


def refuse_element(name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(" ")[2].lower()
    if local in FORBIDDEN:
        raise PictureRefused(f"it contains <{local}>")
    for attribute, value in attributes.items():
        key = attribute.rpartition(" ")[2].lower()
        if key.startswith("on"):
            raise PictureRefused(f"it contains {key}")
        if key in ("href", "src") and not value.startswith(("#", "data:image/png;base64,")):
            raise PictureRefused("it refers to something outside itself")


def refuse_entity(*_declaration: object) -> None:
    raise PictureRefused("it declares entities")


def refuse_instruction(*_instruction: object) -> None:
    raise PictureRefused("it contains processing instructions")
