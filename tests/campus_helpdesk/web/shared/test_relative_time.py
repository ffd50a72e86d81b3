from datetime import timedelta

import pytest

from campus_helpdesk.web.shared.relative_time import ago, format_length, round_up_length


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "moments"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2, minutes=59), "2 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=29, hours=23), "29 days"),
        (timedelta(days=364), "12 months"),
        (timedelta(days=365), "1 year"),
    ],
)
def test_format_length_uses_the_largest_whole_unit(length, words):
    assert format_length(length) == words


def test_ago_covers_now_and_the_future():
    assert ago(timedelta(seconds=3)) == "just now"
    assert ago(timedelta(seconds=-3)) == "just now"
    assert ago(timedelta(days=3)) == "3 days ago"
    assert ago(timedelta(days=-3, seconds=-1)) == "in 3 days"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(minutes=5), "1 hour"),
        (timedelta(hours=15, minutes=1), "16 hours"),
        (timedelta(hours=48), "48 hours"),
        (timedelta(hours=49), "3 days"),
    ],
)
def test_time_of_an_answer_is_rounded_up(length, text):
    assert round_up_length(length) == text
