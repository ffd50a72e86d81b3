"""Limits on photos and other files, and which requests may carry them, for the site and the server that
receives them."""

import re

MIB = 1024 * 1024
MAX_PHOTOS = 5  # with one report or message
MAX_PHOTO_BYTES = 20 * MIB
MAX_PIXELS = 50_000_000
# Five photos, and the texts of the form that carries them.
MAX_PHOTO_FORM_BYTES = MAX_PHOTOS * MAX_PHOTO_BYTES + MIB
MAX_PLACES_FORM_BYTES = 4 * MIB  # a list of buildings and rooms
PLACES_ROUTE = "/desk/places/import/"
PHOTO_ROUTE = re.compile(
    r"/(tickets/new/|tickets/[0-9]{1,18}/me-too/|(desk/)?tickets/[0-9]{1,18}/messages/|photos/"
    r"|t/[A-Za-z0-9_-]{27}/(messages|photos)/|api/v1/attachments/)",
    re.ASCII,
)


def max_bytes_with_files(method: str, path: str) -> int:
    """Of a request that may carry photos (the report form, also with "Me too", a message form or an
    upload) or a list of places; 0 for any other."""
    if method != "POST":
        return 0
    if path == PLACES_ROUTE:
        return MAX_PLACES_FORM_BYTES
    return MAX_PHOTO_FORM_BYTES if PHOTO_ROUTE.fullmatch(path) else 0
