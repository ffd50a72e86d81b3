"""Checks that an image is what it claims to be and harmless: SVG without script, PNG complete and of limited
size."""

import struct
import zlib
from collections.abc import Iterator
from xml.parsers import expat

MAX_BYTES = 5 * 1024 * 1024
MAX_WIDTH, MAX_HEIGHT = 2000, 1200  # pixels of a PNG
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SVG_NAME = "http://www.w3.org/2000/svg svg"
FORBIDDEN = {"script", "foreignobject", "iframe", "embed", "object", "handler", "set", "animate"}


class InvalidImage(ValueError):
    """The message says why."""


def check_png(raw: bytes) -> bytes:
    if len(raw) > MAX_BYTES:
        raise InvalidImage("it is larger than 5 MiB")
    if not raw.startswith(PNG_MAGIC):
        raise InvalidImage("it is not a PNG")
    try:
        (first, head), *_, (last, _) = read_chunks(raw)
        width, height = struct.unpack(">II", head[:8])
    except (struct.error, ValueError) as error:
        raise InvalidImage("it is not a complete PNG") from error
    if (first, last) != (b"IHDR", b"IEND"):
        raise InvalidImage("it is not a complete PNG")
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise InvalidImage(f"it is larger than {MAX_WIDTH} x {MAX_HEIGHT} pixels")
    return raw


def read_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk up to the very last byte. Raises ValueError, struct.error."""
    position = len(PNG_MAGIC)
    while position < len(raw):
        length, name = struct.unpack_from(">I4s", raw, position)
        content = raw[position + 8 : position + 8 + length]
        (crc,) = struct.unpack_from(">I", raw, position + 8 + length)
        if crc != zlib.crc32(name + content):
            raise ValueError("a checksum does not match")
        yield name, content
        position += 12 + length


def check_svg(raw: bytes) -> str:
    """The text of a well-formed SVG without script, foreign content or external addresses."""
    if len(raw) > MAX_BYTES:
        raise InvalidImage("it is larger than 5 MiB")
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not names and name != SVG_NAME:
            raise InvalidImage("it does not start like an SVG")
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
        raise InvalidImage("it is not a well-formed SVG") from error


def refuse_element(name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(" ")[2].lower()
    if local in FORBIDDEN:
        raise InvalidImage(f"it contains <{local}>")
    for attribute, value in attributes.items():
        key = attribute.rpartition(" ")[2].lower()
        if key.startswith("on"):
            raise InvalidImage(f"it contains {key}")
        if key in ("href", "src") and not value.startswith(("#", "data:image/png;base64,")):
            raise InvalidImage("it refers to something outside itself")


def refuse_entity(*_declaration: object) -> None:
    raise InvalidImage("it declares entities")


def refuse_instruction(*_instruction: object) -> None:
    raise InvalidImage("it contains processing instructions")
