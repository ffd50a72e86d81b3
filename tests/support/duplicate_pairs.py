"""How well reports of one problem are found, measured with texts that were written without sight of the code.

pairs.jsonl: reports {"id", "text", "building", "room", "language", "pair_of": id or null, "same_place_as": id
or null}. Each is looked for among all others.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tickets.duplicates.reading import Report, read_report
from tickets.duplicates.scoring import score
from tickets.triage import classify, load_shipped_model

PAIRS_FILE = Path(__file__).parents[1] / "tickets/duplicates/pairs.jsonl"
SHOWN = 3
LIKELY = 2.0


@dataclass(frozen=True)
class Figures:
    """Shares of reports: with a duplicate, whose duplicate is among those shown, the same across languages;
    without one, for which anything is shown; with another problem at the same place, which is shown that one.

    precision: share of duplicates among the pairs that are likely enough to be proposed for merging.
    """

    found: float
    found_across_languages: float
    shown_without_duplicate: float
    shown_same_place: float
    precision: float


def read_lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PAIRS_FILE.read_text(encoding="utf-8").splitlines() if line.strip()]


def find_partners(lines: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Position of a report -> position of the other one of the same problem, both ways."""
    positions = {line["id"]: at for at, line in enumerate(lines)}
    pairs = [(at, positions[line["pair_of"]]) for at, line in enumerate(lines) if line["pair_of"]]
    return dict(pairs) | {other: one for one, other in pairs}


def score_all(lines: Sequence[dict[str, Any]], meanings: Any = None) -> list[dict[int, float]]:
    """For each report, position of another one -> score, of those that may be shown.

    meanings: whitened cosines as a matrix, None without a sentence model.
    """
    model = load_shipped_model()
    readings = [
        read_report(
            Report(
                line["text"],
                line["building"] or "",
                line["room"] or "",
                classify(line["text"], model).category,
            )
        )
        for line in lines
    ]
    shown: list[dict[int, float]] = [{} for _ in readings]
    for i, left in enumerate(readings):
        for j, right in enumerate(readings[:i]):
            result = score(left, right, None if meanings is None else float(meanings[i, j]))
            if result >= 0:
                shown[i][j] = shown[j][i] = result
    return shown


def find_meanings(lines: Sequence[dict[str, Any]]) -> Any:
    """Needs the sentence model."""
    from tickets.duplicates.whitening import load_whitening
    from tickets.triage.sentence_model import embed

    points = load_whitening().apply(embed([line["text"] for line in lines]))
    return points @ points.T


def measure_pairs(lines: Sequence[dict[str, Any]], meanings: Any = None) -> Figures:
    partners, scores = find_partners(lines), score_all(lines, meanings)
    positions = {line["id"]: at for at, line in enumerate(lines)}
    best = [sorted(others, key=lambda at, others=others: -others[at])[:SHOWN] for others in scores]  # type: ignore[misc]
    across = [one for one, other in partners.items() if lines[one]["language"] != lines[other]["language"]]
    near = [(at, positions[line["same_place_as"]]) for at, line in enumerate(lines) if line["same_place_as"]]
    likely = [
        partners.get(one) == other
        for one, others in enumerate(scores)
        for other, value in others.items()
        if value >= LIKELY
    ]
    return Figures(
        found=mean(partners[one] in best[one] for one in partners),
        found_across_languages=mean(partners[one] in best[one] for one in across),
        shown_without_duplicate=mean(bool(best[at]) for at in range(len(lines)) if at not in partners),
        shown_same_place=mean(other in best[one] for one, other in near),
        precision=mean(likely),
    )


def mean(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else 0.0
