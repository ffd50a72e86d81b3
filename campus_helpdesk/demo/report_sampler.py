"""Draws texts like cards, without repetition."""

import random
from collections.abc import Iterable

from campus_helpdesk.demo.text_catalog import Report, Situation


class ReportSampler:
    """Reports: none is drawn twice before all that fit the season were drawn once."""

    def __init__(self, situations: Iterable[Situation], rng: random.Random):
        self.cards = [Report(situation, n) for situation in situations for n in range(len(situation.say))]
        self.left: list[Report] = []
        self.rng = rng

    def draw(self, month: int) -> Report:
        """The next report that fits the month; shuffled again when none is left."""
        if not any(card.situation.is_of(month) for card in self.left):
            self.left = self.rng.sample(self.cards, len(self.cards))
        card = next(card for card in self.left if card.situation.is_of(month))
        self.left.remove(card)
        return card
