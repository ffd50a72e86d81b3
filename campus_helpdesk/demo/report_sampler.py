"""Draws reports without repetition."""

import random
from collections.abc import Iterable

from campus_helpdesk.demo.text_catalog import Report, Situation


class ReportSampler:
    """Reports: none is drawn twice before all that fit the season were drawn once."""

    def __init__(self, situations: Iterable[Situation], rng: random.Random):
        self.reports = [
            Report(situation, n) for situation in situations for n in range(len(situation.reports))
        ]
        self.left: list[Report] = []
        self.rng = rng

    def draw(self, month: int) -> Report:
        """The next report that fits the month; shuffled again when none is left."""
        if not any(report.situation.is_of(month) for report in self.left):
            self.left = self.rng.sample(self.reports, len(self.reports))
        report = next(report for report in self.left if report.situation.is_of(month))
        self.left.remove(report)
        return report
