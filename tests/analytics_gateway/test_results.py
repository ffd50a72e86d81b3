import json

import pytest

from analytics_gateway.results import Result
from common.analysis_messages import parts_sha256
from common.errors import Invalid
from tests.support.analyses import PNG, SVG, make_result, result_text


def test_complete_result_is_read():
    result = Result.read(result_text(), SVG, PNG)
    assert result.data == make_result()


@pytest.mark.parametrize(
    ("text", "svg", "png", "field"),
    [
        ("", SVG, PNG, "result"),
        ("[" * 100_000, SVG, PNG, "result"),
        ("null", SVG, PNG, "result"),
        (result_text(title=None), SVG, PNG, "result"),
        (result_text(extra=1), SVG, PNG, "result"),
        (result_text().replace("1.25", "1.26"), SVG, PNG, "result"),
        (result_text().replace("1.25", "NaN"), SVG, PNG, "result"),
        (json.dumps(make_result(alt_text="a\x00b")), SVG, PNG, "result"),
        (result_text(), b"<html/>", PNG, "svg"),
        (result_text(), SVG, SVG, "png"),
    ],
)
def test_damaged_result_names_its_part(text, svg, png, field):
    with pytest.raises(Invalid) as refusal:
        Result.read(text, svg, png)
    assert list(refusal.value.errors) == [field]


def test_parts_that_do_not_match_the_checksum_are_refused():
    text = result_text().encode()
    sha256 = parts_sha256(text, SVG, PNG)
    assert Result.read(text, SVG, PNG, sha256).data == make_result()
    with pytest.raises(Invalid, match="damaged") as refusal:
        Result.read(text.replace(b"Bars that grow", b"Bars that grew"), SVG, PNG, sha256)
    assert list(refusal.value.errors) == ["sha256"]
