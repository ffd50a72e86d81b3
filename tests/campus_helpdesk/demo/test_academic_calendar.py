import random
from datetime import UTC, date, datetime

from campus_helpdesk.demo.academic_calendar import at_work, awake, is_term, next_working_day, weight


def test_terms_start_busy_and_holidays_are_quiet():
    start, middle, summer, feast = (
        date(2025, 10, 7),
        date(2025, 11, 11),
        date(2025, 8, 12),
        date(2025, 12, 25),
    )
    assert weight(start) > weight(middle) > weight(summer) > weight(feast) > 0


def test_exam_weeks_are_not_lecture_time():
    assert is_term(date(2025, 11, 11))
    assert not is_term(date(2025, 2, 10))


def test_helpdesk_answers_in_working_hours_only():
    friday_night = datetime(2025, 11, 14, 19, 30, tzinfo=UTC)
    morning = at_work(friday_night, random.Random(1))
    assert (morning.date(), morning.hour >= 8) == (date(2025, 11, 17), True)
    noon = datetime(2025, 11, 14, 12, 0, tzinfo=UTC)
    assert at_work(noon, random.Random(1)) == noon


def test_users_do_not_write_at_night():
    for hour, day in ((23, 15), (3, 14)):
        morning = awake(datetime(2025, 11, 14, hour, 5, tzinfo=UTC), random.Random(1))
        assert (morning.day, 7 <= morning.hour < 9) == (day, True)


def test_visit_is_on_the_next_working_day():
    assert next_working_day(datetime(2025, 12, 23, 12, 0, tzinfo=UTC)) == date(2025, 12, 29)
