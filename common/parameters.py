"""The types of parameters that an analysis may have. Standard library only.

Each type cleans one value, or refuses it with a message, and describes itself as JSON Schema.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

MAX_MONTHS = 120
MAX_PERIOD = timedelta(days=3650)

PERIOD_PATTERN = r"[1-9][0-9]{0,4}[hd]"
MONTH_PATTERN = r"[0-9]{4}-(0[1-9]|1[0-2])"


class ParameterError(ValueError):
    """One value was refused; `message` tells the person who entered it why."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class ParametersInvalid(ValueError):
    """The parameters of one request were refused; `errors` has the messages by field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in sorted(errors.items())))
        self.errors = errors


@dataclass(frozen=True)
class Parameter:
    """What every parameter has: field name, label, help text, and the initial value of a form."""

    name: str
    label: str
    help: str
    is_required: bool = False
    default: str = ""


@dataclass(frozen=True)
class Period(Parameter):
    """A length of time up to now: "24h" or "7d", from 1h to 3650d; a day is 24 hours."""

    def clean(self, value: Any) -> str:
        if (
            isinstance(value, str)
            and re.fullmatch(PERIOD_PATTERN, value)
            and period_length(value) <= MAX_PERIOD
        ):
            return value
        raise ParameterError(self.name, "Enter hours or days from 1h to 3650d, such as 24h or 7d.")

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": f"^{PERIOD_PATTERN}$",
            "description": self.help,
            "examples": ["24h", "7d"],
        }


@dataclass(frozen=True)
class Month(Parameter):
    """A calendar month of the campus time zone: "2026-03"."""

    def clean(self, value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(MONTH_PATTERN, value) and value >= "0001":
            return value
        raise ParameterError(self.name, "Enter a month such as 2026-03.")

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": f"^{MONTH_PATTERN}$",
            "description": self.help,
            "examples": ["2026-03"],
        }


@dataclass(frozen=True)
class Count(Parameter):
    """An integer from 1 to `maximum`; digits from a form are also accepted."""

    maximum: int = MAX_MONTHS

    def clean(self, value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= self.maximum:
            return value
        raise ParameterError(self.name, f"Enter a whole number from 1 to {self.maximum}.")

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.maximum, "description": self.help}


def period_length(period: str) -> timedelta:
    """The duration of a cleaned period."""
    number = int(period[:-1])
    return timedelta(hours=number) if period.endswith("h") else timedelta(days=number)


def format_period(period: str) -> str:
    """A cleaned period in words, as they follow "the last": "24 hours", "day"."""
    number, unit = int(period[:-1]), "hour" if period.endswith("h") else "day"
    return unit if number == 1 else f"{number} {unit}s"


def month_number(month: str) -> int:
    """A cleaned month as a number that grows by one each month, for counting and comparing."""
    year, month_of_year = month.split("-")
    return int(year) * 12 + int(month_of_year) - 1


def month_name(number: int) -> str:
    """The inverse of `month_number`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
