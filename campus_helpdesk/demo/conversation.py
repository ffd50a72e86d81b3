"""The conversation under a ticket, from the first answer to the final thanks."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from campus_helpdesk.demo.academic_calendar import OPENS, at_work, awake, next_working_day
from campus_helpdesk.demo.text_catalog import Report, common
from campus_helpdesk.demo.ticket_timeline import HOUR, MINUTE, Timeline
from campus_helpdesk.demo.writer import fill, sentences, with_visit

USER, HELPDESK = "user", "helpdesk"


class GeneratedMessage(NamedTuple):
    role: str
    name: str
    body: str
    is_internal: bool
    at: datetime


@dataclass
class ConversationWriter:
    """The conversation of one ticket, written step by step. Each step is later than the one before."""

    report: Report
    slots: dict[str, str]
    timeline: Timeline
    user: str
    rng: random.Random

    def __post_init__(self) -> None:
        self.situation = self.report.situation
        self.staff = self.rng.choice(common()["people"][self.situation.category])
        self.now = self.timeline.opened
        self.messages: list[GeneratedMessage] = []

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def write(self) -> list[GeneratedMessage]:
        if self.timeline.answered is None:
            self.wait_for_answer()
        else:
            self.answer(self.timeline.answered)
        return self.messages

    def append(
        self, role: str, text: str, at: datetime, *, name: str = "", is_internal: bool = False
    ) -> None:
        author = self.staff if role == HELPDESK else name or self.user
        body = fill(text, with_visit(self.slots, at))
        self.messages.append(GeneratedMessage(role, author, body, is_internal, at))
        self.now = at

    def later(self, hours: float, role: str) -> datetime:
        """A time after the last step at which the role is active, about that many hours later."""
        gap = max(self.rng.lognormvariate(0, 0.7) * hours * HOUR, MINUTE)
        about = at_work if role == HELPDESK else awake
        return about(self.now + gap, self.rng).replace(microsecond=0)

    def wait_for_answer(self) -> None:
        """Without an answer: the user writes again, another user joins, the helpdesk writes a note."""
        if self.maybe(0.15):
            self.add_common("neighbours", USER, 10, name=self.rng.choice(common()["people"]["users"]))
        if self.maybe(0.35):
            self.add_common("impatient", USER, 50)
        if self.maybe(0.15):
            self.add_common("notes", HELPDESK, 20, is_internal=True)

    def add_common(
        self, kind: str, role: str, hours: float, *, name: str = "", is_internal: bool = False
    ) -> None:
        """Adds one of the common sentences of this kind, if the language has any."""
        texts = sentences(self.situation, kind, role=role)
        self.add_one(texts, role, hours, name=name, is_internal=is_internal)

    def add_one(
        self, texts: Sequence[str], role: str, hours: float, *, name: str = "", is_internal: bool = False
    ) -> bool:
        """Adds one of the texts, unless the ticket ends before it. Returns whether it was added."""
        at = self.later(hours, role)
        texts = [text for text in texts if "{visit}" not in text or self.may_visit(at)]
        if not texts or at >= self.limit():
            return False
        self.append(role, self.rng.choice(texts), at, name=name, is_internal=is_internal)
        return True

    def may_visit(self, at: datetime) -> bool:
        """Whether the working day after that moment is before the end."""
        return next_working_day(at) < self.timeline.end.date()

    def limit(self) -> datetime:
        """Messages during the work are before this time; the end has its own steps."""
        return self.timeline.end - 5 * MINUTE if self.timeline.closed else self.timeline.end

    def answer(self, answered: datetime) -> None:
        asks = list(self.report.replies)
        if asks and self.maybe(0.35):
            self.append(HELPDESK, asks[0][0], answered)
            self.add_one([asks.pop(0)[1]], USER, 3)
        else:
            texts = self.situation.received or sentences(self.situation, "received", role=HELPDESK)
            self.append(HELPDESK, self.rng.choice(texts), answered)
        self.work(asks)
        if self.timeline.closed:
            self.finish(self.timeline.closed)

    def work(self, asks: list[tuple[str, str]]) -> None:
        """The messages between the first answer and the end, in this order; a step may not fit in time."""
        if self.maybe(0.36):
            notes = self.situation.note or sentences(self.situation, "notes", role=HELPDESK)
            self.add_one(notes, HELPDESK, 1.5, is_internal=True)
        for question, answer in asks:
            if self.maybe(0.65) and self.add_one([question], HELPDESK, 3):
                self.add_one([answer], USER, 4)
        if self.maybe(0.6 if self.situation.category == "facility" else 0.1):
            self.add_common("visits", HELPDESK, 6)
        if self.maybe(0.2):
            self.add_common("impatient", USER, 80)
        if self.maybe(0.35):
            self.add_common("progress", HELPDESK, 30)
        if self.maybe(0.15):
            self.add_common("notes", HELPDESK, 20, is_internal=True)

    def finish(self, closed: datetime) -> None:
        """A message about what was done, perhaps the user's thanks; then the ticket is closed."""
        morning = datetime.combine(closed.date(), OPENS, closed.tzinfo)
        left = (closed - max(self.now, morning)) / MINUTE
        if left < 3 or self.maybe(0.07):
            return
        done = self.report.end
        if self.situation.lang == "en" and self.maybe(0.15):
            done = f"{done} {self.rng.choice(sentences(self.situation, 'sorry', role=HELPDESK))}"
        announced_at = (closed - self.rng.uniform(0.3, 0.8) * left * MINUTE).replace(microsecond=0)
        self.append(HELPDESK, done, announced_at)
        if self.maybe(0.55):
            thanks = (announced_at + (closed - announced_at) * self.rng.uniform(0.2, 0.9)).replace(
                microsecond=0
            )
            self.append(USER, self.rng.choice(sentences(self.situation, "thanks")), thanks)
