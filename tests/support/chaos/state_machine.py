"""A model of the helpdesk in plain Python: the expected response to each request, without product code."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unicodedata import category, normalize

UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Mc", "Me"}
BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
AFTER = {"open": "active", "active": "closed"}
FIELDS = ("description", "building", "room")
KEY_LIFETIME = timedelta(hours=24)


def tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def stored(name: str, text: str) -> str:
    """A field as it is read back. A building may have another ticket's spelling: see `same_building`."""
    return " ".join(normalize("NFC", text).split()) if name in ("building", "room") else tidy(text)


def same_building(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_text(text: str, limit: int = 20_000) -> bool:
    seen = any(category(letter) not in UNSEEN and letter not in BLANKS for letter in text)
    return seen and is_storable(text) and len(tidy(text)) <= limit


def is_location(text: str) -> bool:
    is_line = not any(category(letter) in ("Cc", "Zl", "Zp") for letter in tidy(text))
    return is_line and is_storable(text) and len(tidy(text)) <= 100 and len(stored("room", text)) <= 100


def find_faults(fields: dict[str, str]) -> set[str]:
    """The fields that a refusal must name."""
    good = {"category": lambda value: value in ("facility", "it", "services"), "description": is_text}
    return {name for name, value in fields.items() if not good.get(name, is_location)(value)}


@dataclass
class Case:
    """The expected ticket; triage's category is taken from the first response."""

    id: int
    opener: tuple[str, int]
    fields: dict[str, str]
    category: str
    moments: dict[str, datetime | None]
    status: str = "open"
    version: int = 1
    by_person: bool = False
    messages: list[tuple[str, str, bool]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=lambda: ["opened"])

    def is_seen_by(self, role: str) -> bool:
        return role == "helpdesk" or self.status != "closed"

    def messages_seen_by(self, role: str) -> list[tuple[str, str, bool]]:
        return [message for message in self.messages if role == "helpdesk" or not message[2]]


@dataclass
class KeyUse:
    fields: dict[str, str]
    answer: dict
    age: timedelta = timedelta(0)


def expected_status(role: str, case: Case | None, *, is_helpdesks: bool = False) -> int:
    """The first applicable refusal, in their order; 200 if there is none."""
    if not role:
        return 401
    if case is None or not case.is_seen_by(role):
        return 404
    return 403 if is_helpdesks and role != "helpdesk" else 200


def may_correct(role: str, session: tuple[str, int], case: Case) -> bool:
    return role == "helpdesk" or (session == case.opener and case.status == "open")


def expected_edit_status(
    role: str, session: tuple[str, int], case: Case | None, version: int | None, changes: dict[str, str]
) -> int:
    first = expected_status(role, case)
    if first != 200:
        return first
    if "category" in changes and not may_correct(role, session, case):
        return 403
    if case.status == "closed":
        return 409
    if version is None:
        return 428
    if version != case.version:
        return 412
    return 400 if find_faults(changes) else 200


def is_change(case: Case, changes: dict[str, str]) -> bool:
    """Whether an accepted edit changes anything: a person's confirmation of triage's category does."""
    new = {name: value if name == "category" else stored(name, value) for name, value in changes.items()}
    is_choice = "category" in new and not (case.by_person and case.category == new["category"])
    return is_choice or any(case.fields[name] != value for name, value in new.items() if name != "category")


def list_ids(
    cases: list[Case], role: str, statuses: set[str], categories: set[str], ordering: str
) -> list[int]:
    wanted = [
        case
        for case in cases
        if case.is_seen_by(role)
        and (not statuses or case.status in statuses)
        and (not categories or case.category in categories)
    ]
    column = ordering.removeprefix("-")
    wanted.sort(key=lambda case: (case.moments[column], case.id), reverse=ordering.startswith("-"))
    return [case.id for case in wanted]
