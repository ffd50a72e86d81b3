#!/usr/bin/env bash
# segno's inline SVG has width and height but no viewBox: a stylesheet cannot scale it.
#
# svg_inline() writes the size of the picture in pixels only, so a page that sets another width by CSS enlarges the
# canvas and not the code. With omitsize=True the picture has a viewBox instead, and fills what it is given.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check segno==1.6.6
"$folder/venv/bin/python" - <<'PYTHON'
import re
from importlib.metadata import version

import segno

code = segno.make("https://helpdesk.example/t/3f9c", error="m")


def describe(**options):
    """The attributes of the picture's root that decide its size."""
    root = re.match(r"<svg[^>]*>", code.svg_inline(**options))[0]
    return dict(re.findall(r'(width|height|viewBox)="([^"]*)"', root))


fixed, scalable = describe(scale=4), describe(scale=4, omitsize=True)
print("segno", version("segno"))
print("scale=4:               ", fixed)
print("scale=4, omitsize=True:", scalable)
assert set(fixed) == {"width", "height"}
assert set(scalable) == {"viewBox"}
PYTHON
