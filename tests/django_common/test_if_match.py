import pytest

from common.errors import Invalid
from django_common.if_match import read_version


@pytest.mark.parametrize(
    ("header", "version"),
    [
        (None, None),
        ("*", None),
        ('"3"', 3),
        (' "3" ', 3),
        ('"2", "3"', 3),
        ('"2" ,"9"', 0),
        (', "2",, "3",', 3),
        ('"4"', 0),
        ('""', 0),
        ('"03"', 0),
        ('"a,b"', 0),
        ('W/"3"', 0),
        ('W/"3", "3"', 3),
    ],
)
def test_strong_tag_of_the_current_version_matches(header, version):
    assert read_version(header, 3) == version


NO_TAGS = ["3", "", " ", ",", '"3', '3"', "'3'", '"3" "4"', '*, "3"', 'w/"3"', '"3\x00"']


@pytest.mark.parametrize("header", NO_TAGS)
def test_invalid_entity_tag_is_refused_naming_the_header(header):
    with pytest.raises(Invalid) as refusal:
        read_version(header, 3)
    assert list(refusal.value.errors) == ["If-Match"]
