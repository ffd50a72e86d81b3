"""The rules for texts that are stored: descriptions, messages, locations and reasons."""

import re
import unicodedata

from common.errors import Invalid

MAX_TEXT_LENGTH = 20_000
MAX_LOCATION_LENGTH = 100
MAX_NAME_LENGTH = 80
# What str.strip() removes.
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
LINE_BREAKING = {"Cc", "Zl", "Zp"}  # control characters, line and paragraph separators
SURROGATE = re.compile("[\ud800-\udfff]")
# Letters or symbols by category, yet invisible: Hangul fillers, the Braille blank.
BLANKS = set("\u115f\u1160\u3164\uffa0\u2800")


def is_visible(character: str) -> bool:
    """Separators, control and format characters and lone combining marks are invisible on their own."""
    return unicodedata.category(character)[0] not in "ZCM" and character not in BLANKS


def normalise(text: str) -> str:
    """The text as it is stored: trimmed, CRLF as LF, otherwise unchanged."""
    return text.replace("\r\n", "\n").strip()


def find_text_error(text: object, limit: int, *, is_required: bool) -> str:
    """What is wrong with a text, for the person who wrote it; empty if nothing is."""
    if not isinstance(text, str):
        return "Must be text."
    if "\x00" in text or SURROGATE.search(text):
        return "Contains characters that cannot be stored."
    if len(normalise(text)) > limit:
        return f"Must have at most {limit:,} characters."
    if is_required and not any(map(is_visible, text)):
        return "Must contain at least one visible character."
    return ""


def clean_text(field: str, text: object, *, limit: int = MAX_TEXT_LENGTH, is_required: bool = True) -> str:
    """The text as it is stored. Raises Invalid naming the field."""
    error = find_text_error(text, limit, is_required=is_required)
    if error:
        raise Invalid({field: [error]})
    return normalise(str(text))


def clean_line(field: str, text: object, *, limit: int) -> str:
    """A text of one line, which may be empty: letters and accents composed (NFC), whitespace collapsed.

    So two lines that look the same are equal. Raises Invalid naming the field.
    """
    cleaned = clean_text(field, text, limit=limit, is_required=False)
    if any(unicodedata.category(character) in LINE_BREAKING for character in cleaned):
        raise Invalid({field: ["Must be one line."]})
    return clean_text(field, fold_line(cleaned), limit=limit, is_required=False)


def fold_line(text: str) -> str:
    """A line as it is stored: letters and accents composed, whitespace collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_location(field: str, text: object) -> str:
    """A building or a room."""
    return clean_line(field, text, limit=MAX_LOCATION_LENGTH)
