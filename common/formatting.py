"""How numbers, times and months are written, the same in results and on pages."""

from datetime import UTC, datetime


def format_number(value: int | float) -> str:
    """A number for people: 1,234 or 31.2."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def format_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def format_month(month: str) -> str:
    """As "March 2026" for "2026-03"."""
    return f"{datetime.strptime(month, '%Y-%m'):%B %Y}"
