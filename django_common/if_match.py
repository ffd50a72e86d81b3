"""The header If-Match (RFC 9110, section 13.1.1): which version of a ticket an edit was made from."""

import re

from common.errors import Invalid

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")


def read_version(header: str | None, current: int) -> int | None:
    """The current version where a tag of the header is that; 0, which none is, where all are others.

    None where it names none: it is missing, or `*`, which is true of any version and so protects nobody from
    overwriting what he has not seen. A weak tag (`W/"3"`) names none that is equal byte for byte and never
    matches, as the RFC has it. Raises Invalid where there is no entity tag.
    """
    text = (header or "").strip()
    if header is None or text == "*":
        return None
    if not TAGS.fullmatch(text):
        raise Invalid({"If-Match": ['An entity tag stands in quotation marks: "3".']})
    return current if f'"{current}"' in re.findall(TAG, text) else 0
