"""From a situation to sentences: placeholders filled, lengths and tones varied."""

import random
from datetime import date, datetime

from campus_helpdesk.demo.academic_calendar import next_working_day
from campus_helpdesk.demo.buildings import Location
from campus_helpdesk.demo.text_catalog import Report, Situation, common

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
MINUTES = ("00", "00", "15", "30", "30", "45", "10", "20")


def slots_for(location: Location, opened: datetime, rng: random.Random) -> dict[str, str]:
    """The placeholders of one ticket's texts: the same in its report and its conversation."""
    words = common()["words"]
    return {
        "place": location.in_words() or "our building",
        "building": location.building or "main building",
        "n": str(rng.randint(4, 9)),
        "n2": str(rng.randint(12, 48)),
        "deg": str(rng.randint(12, 16)),
        "hour": f"{rng.randint(9, 17)}:{rng.choice(MINUTES)}",
        "socket": f"{rng.randint(1, 3)}-{rng.randint(11, 60)}",
        "month": MONTHS[(opened.month - 1 - rng.randint(2, 4)) % 12],
        "later": MONTHS[(opened.month - 1 + rng.randint(2, 4)) % 12],
        **{name: rng.choice(words[name]) for name in ("course", "laptop", "colour", "day")},
    }


def fill(text: str, slots: dict[str, str]) -> str:
    """The text with its placeholders filled, capitalised if one begins it."""
    filled = text.format_map(slots)
    return filled[:1].upper() + filled[1:] if text.startswith("{") else filled


def name_day(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def with_visit(slots: dict[str, str], moment: datetime) -> dict[str, str]:
    """The placeholders of a message that announces a visit on the next working day."""
    return slots | {"visit": name_day(next_working_day(moment))}


def sentences(situation: Situation, kind: str, *, role: str = "user") -> list[str]:
    """Common sentences of a kind, for all and for its category, in the language of the situation, if any."""
    texts = common()[role] if situation.lang == "en" else common()["foreign"][situation.lang]
    return texts.get(kind, []) + texts.get(f"{kind}_{situation.category}", [])


def write_report(report: Report, slots: dict[str, str], rng: random.Random) -> str:
    """The description: a bare sentence, one with some context, or a whole letter."""
    situation = report.situation
    text = fill(report.text, slots)
    style = rng.random()
    if style < 0.35 or situation.is_bare:
        return text
    text = ended(text)
    context = [fill(line, slots) for line in rng.sample(sentences(situation, "context"), 2)]
    if style < 0.75 or situation.lang != "en":
        return " ".join([text, context[0]])
    return write_letter(situation, [text, *context], slots, rng)


def ended(text: str) -> str:
    """The text with its full stop, so that another sentence can follow."""
    return f"{text}." if text[-1].isalnum() or text[-1] == ")" else text


def write_letter(situation: Situation, body: list[str], slots: dict[str, str], rng: random.Random) -> str:
    """Greeting, report, context, urgency and a closing, in paragraphs."""
    greeting = rng.choice(sentences(situation, "greetings")) + " " if rng.random() < 0.6 else ""
    more = " ".join([*body[1:], fill(rng.choice(sentences(situation, "urgent")), slots)])
    closing = rng.choice(sentences(situation, "closings"))
    return f"{greeting}{body[0]}\n\n{more}\n\n{closing}"
