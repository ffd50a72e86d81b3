"""Limits on photos, and which requests may carry them, for the site and the server that receives them."""

import re

MIB = 1024 * 1024
MAX_PHOTOS = 5  # with one report or message
MAX_PHOTO_BYTES = 20 * MIB
MAX_PIXELS = 50_000_000
# Five photos, and the texts of the form that carries them.
MAX_PHOTO_FORM_BYTES = MAX_PHOTOS * MAX_PHOTO_BYTES + MIB
PHOTO_ROUTE = re.compile(
    r"/(tickets/new/|tickets/[0-9]{1,18}/me-too/|(desk/)?tickets/[0-9]{1,18}/messages/|photos/"
    r"|api/v1/attachments/)",
    re.ASCII,
)


def may_carry_photos(method: str, path: str) -> bool:
    """Whether a request is the report form, also with "Me too", the message form or an upload."""
    return method == "POST" and PHOTO_ROUTE.fullmatch(path) is not None
