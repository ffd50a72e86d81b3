import pytest

from analytics_gateway.image_validation import (
    MAX_BYTES,
    MAX_HEIGHT,
    MAX_WIDTH,
    InvalidImage,
    check_png,
    check_svg,
)
from tests.support.analyses import PNG, SVG, make_png

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def test_harmless_images_are_unchanged():
    assert check_svg(SVG) == SVG.decode()
    assert check_png(PNG) == PNG


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html></html>",
        b"<svg></svg>",
        b"not xml",
        SVG[:-3],
        SVG + b"\xff",
        b"\xff\xfe" + SVG.decode().encode("utf-16-le"),
        HEAD + b"<script>alert(1)</script></svg>",
        HEAD + b"<SCRIPT/></svg>",
        b'<x:svg xmlns:x="http://www.w3.org/2000/svg"><x:script/></x:svg>',
        HEAD + b"<foreignObject><p/></foreignObject></svg>",
        HEAD + b'<g onload="alert(1)"/></svg>',
        HEAD + b'<a xlink:href="javascript:alert(1)"/></svg>',
        HEAD + b'<image href="https://elsewhere.example/x.png"/></svg>',
        HEAD + b'<use href="data:image/svg+xml;base64,AAAA"/></svg>',
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + HEAD + b"&a;</svg>",
        b'<?xml-stylesheet href="x.css"?>' + HEAD + b"</svg>",
        HEAD + b"<g/>" * (MAX_BYTES // 4) + b"</svg>",
    ],
)
def test_harmful_or_malformed_svg_is_refused(raw):
    with pytest.raises(InvalidImage):
        check_svg(raw)


def test_png_with_any_changed_byte_is_refused():
    for place in range(len(PNG)):
        with pytest.raises(InvalidImage):
            check_png(PNG[:place] + bytes([PNG[place] ^ 4]) + PNG[place + 1 :])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        SVG,
        PNG[:8],
        PNG[:-6],
        PNG[:-12],
        PNG + b"\x00",
        b"GIF89a" + PNG,
        PNG[:8] + PNG[-12:],
        make_png(size=MAX_BYTES + 1),
        make_png(width=MAX_WIDTH + 1),
        make_png(height=MAX_HEIGHT + 1),
        make_png(width=0),
        make_png(height=0),
    ],
)
def test_malformed_png_is_refused(raw):
    with pytest.raises(InvalidImage):
        check_png(raw)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (MAX_WIDTH, MAX_HEIGHT)])
def test_png_up_to_the_limit_is_accepted(width, height):
    assert check_png(make_png(width, height))
