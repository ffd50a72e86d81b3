"""The form fields of filters. Each error message is part of a 400 response."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime

MONTH = r"(?:1[89]|20)[0-9]{2}-(?:0[1-9]|1[0-2])"
DIGEST = r"[0-9a-f]{16}"


def parse_moment(raw: str) -> datetime:
    """A moment with its offset, or a date, which means its midnight in the campus time zone. Raises
    ValueError."""
    day: date | None = parse_date(raw) if len(raw) <= 10 else None
    if day:
        return datetime.combine(day, time.min, ZoneInfo(settings.CAMPUS_TIME_ZONE))
    moment = parse_datetime(raw.replace(" ", "+"))
    if moment is None or moment.tzinfo is None:
        raise ValueError("Enter a date (2026-03-31), or a date and time with offset (2026-03-31T12:00:00Z).")
    return moment


class MomentField(forms.CharField):
    """A moment that both the database and a page in campus time can represent."""

    def to_python(self, value: object) -> datetime | None:  # type: ignore[override]  # from text
        raw = super().to_python(value)
        if not raw:
            return None
        try:
            moment = parse_moment(raw).astimezone(UTC)  # PostgreSQL refuses some offsets that Python takes
            moment.astimezone(ZoneInfo(settings.CAMPUS_TIME_ZONE))
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(f"Not a date or time: {error}") from error
        return moment


class DayField(forms.CharField):
    """A calendar day that has a next day."""

    def to_python(self, value: object) -> date | None:  # type: ignore[override]  # from text
        raw = super().to_python(value)
        if not raw:
            return None
        try:
            day = parse_date(raw)
        except ValueError:
            day = None
        if day is None or day == date.max:
            raise forms.ValidationError("Enter a day such as 2026-03-31.")
        return day


class TimeZoneField(forms.CharField):
    """The IANA name of a time zone."""

    def to_python(self, value: object) -> str | None:
        name = super().to_python(value)
        try:
            return name and ZoneInfo(name).key
        except (KeyError, ValueError, OSError) as error:
            raise forms.ValidationError("Enter an IANA time zone such as Europe/Berlin.") from error


class MonthField(forms.RegexField):
    def __init__(self, **kwargs: Any):
        messages = {"invalid": "Enter a month such as 2026-03."}
        super().__init__(rf"\A{MONTH}\Z", **kwargs, error_messages=messages)


class WholeNumberField(forms.IntegerField):
    """Plain digits only; Python would also accept +1, 1_0 and digits of other scripts."""

    def to_python(self, value: str | None) -> int | None:
        if value and not (value.isascii() and value.isdigit()):
            raise forms.ValidationError("Enter a whole number in plain digits.")
        return super().to_python(value)


class DigestsField(forms.MultipleChoiceField):
    default_error_messages = {"invalid_choice": "Enter sixteen hexadecimal digits, not %(value)s."}

    def valid_value(self, value: str) -> bool:
        return re.fullmatch(DIGEST, value) is not None
