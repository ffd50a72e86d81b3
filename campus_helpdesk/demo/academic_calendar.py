"""The academic year: how busy a day is, how slow the helpdesk is, when people work. All in UTC."""

import random
from datetime import date, datetime, time, timedelta

# Relative number of reports by weekday (Monday first) and by hour of the day.
WEEKDAYS = (1.25, 1.15, 1.1, 1.0, 0.8, 0.22, 0.18)
HOURS = (1, 0.5, 0.3, 0.2, 0.2, 0.5, 2, 6, 12, 15, 16, 13, 9, 11, 13, 12, 9, 6, 4, 3.5, 3, 3, 2.5, 2)
HOLIDAYS = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}
OPENS, SHUTS = time(8), time(17)
# Range of dates, share of a normal day's reports; the first match counts.
SEASONS = (
    ((12, 21), (12, 31), 0.15),  # Christmas holidays
    ((1, 1), (1, 6), 0.2),
    ((2, 1), (2, 21), 1.15),  # exams of the winter term
    ((2, 22), (3, 31), 0.45),
    ((4, 1), (4, 14), 1.5),  # the summer term begins
    ((7, 1), (7, 21), 1.1),  # exams of the summer term
    ((7, 22), (9, 14), 0.4),
    ((9, 15), (9, 30), 0.7),
    ((10, 1), (10, 21), 1.7),  # the winter term begins, with new students
)
EXAMS = (((2, 1), (2, 21)), ((7, 1), (7, 21)))


def is_holiday(day: date) -> bool:
    return (day.month, day.day) in HOLIDAYS


def is_exam_time(day: date) -> bool:
    return any(first <= (day.month, day.day) <= last for first, last in EXAMS)


def is_term(day: date) -> bool:
    """In lecture time: neither holidays nor exams."""
    return activity(day) >= 1 and not is_exam_time(day)


def activity(day: date) -> float:
    """The season's share of a normal day's reports; 1 in the middle of a term."""
    here = (day.month, day.day)
    return next((share for first, last, share in SEASONS if first <= here <= last), 1.0)


def weight(day: date) -> float:
    """Relative number of reports on that day."""
    return activity(day) * (0.15 if is_holiday(day) else WEEKDAYS[day.weekday()])


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def at_work(moment: datetime, rng: random.Random) -> datetime:
    """The moment itself, or the next morning on which the helpdesk works."""
    if is_working_day(moment.date()) and OPENS <= moment.time() < SHUTS:
        return moment
    day = moment.date() if moment.time() < OPENS else moment.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    morning = datetime.combine(day, OPENS, moment.tzinfo)
    return morning + timedelta(seconds=int(rng.expovariate(1 / 4500)))


def awake(moment: datetime, rng: random.Random) -> datetime:
    """The moment itself, or the morning after a night."""
    if 7 <= moment.hour < 23:
        return moment
    day = moment.date() + timedelta(days=moment.hour >= 23)
    return datetime.combine(day, time(7), moment.tzinfo) + timedelta(seconds=rng.randrange(7200))


def next_working_day(moment: datetime) -> date:
    day = moment.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
