"""The header If-Match (RFC 9110, section 13.1.1): which version of a ticket an edit was made from."""

import re

from common.errors import Invalid

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")


def read_version(header: str | None, current: int) -> int | None:
    """The current version if a tag of the header names it; 0, which no version has, if all tags are others.

    None if it names none: the header is missing, or `*`, which matches any version and therefore protects
    nothing. A weak tag (`W/"3"`) never matches, as the RFC requires. Raises Invalid without an entity tag.
    """
    text = (header or "").strip()
    if header is None or text == "*":
        return None
    if not TAGS.fullmatch(text):
        raise Invalid({"If-Match": ['An entity tag must be in quotation marks: "3".']})
    return current if f'"{current}"' in re.findall(TAG, text) else 0
