"""The plain files from which the model is made: texts to learn from (seeds, reports, nouns, stories,
troubles, courtesy) and word lists (keywords, politeness, places, stop words)."""

import hashlib
import json
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tickets.triage.features import Lexicon, fold, read_words
from tickets.triage.model import CATEGORIES

FOLDER = Path(__file__).parent
FOLDERS = (
    "courtesy",
    "seeds",
    "nouns",
    "keywords",
    "politeness",
    "places",
    "stories",
    "stopwords",
    "troubles",
    "neutral",
)
SUFFIXES = (".txt", ".jsonl")


@dataclass(frozen=True)
class Example:
    """One text to learn from; copies of a text share its origin and stay together in a fold.

    is_report: written like a ticket, with politeness, places and story of its own, unlike a seed.
    is_misspelt: a copy with typing errors, which are no words to learn.
    """

    text: str
    category: str
    language: str
    origin: str
    is_noun: bool = False
    is_report: bool = False
    is_misspelt: bool = False


def read_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip()]


def languages() -> list[str]:
    return sorted(folder.name for folder in (FOLDER / "seeds").iterdir() if folder.is_dir())


def read_examples() -> list[Example]:
    """Seeds, nouns and reports of all languages, without copies."""
    return [*_read_lists(), *_read_reports()]


def _read_lists() -> list[Example]:
    return [
        Example(line, category, language, line, is_noun=kind == "nouns")
        for kind in ("seeds", "nouns")
        for language in languages()
        for category in CATEGORIES
        for line in read_lines(FOLDER / kind / language / f"{category}.txt")
    ]


def _read_reports() -> list[Example]:
    rows = map(json.loads, read_lines(FOLDER / "seeds" / "reports.jsonl"))
    return [
        Example(row["text"], row["category"], row["language"], row["text"], is_report=True) for row in rows
    ]


def read_stories() -> list[str]:
    """Sentences that report nothing, of all languages."""
    return [line for language in languages() for line in read_lines(FOLDER / "stories" / f"{language}.txt")]


def read_troubles() -> list[str]:
    """Folded words that seldom occur in a sentence that reports nothing."""
    return _read_all("troubles/*.txt")


def read_lexicon() -> dict[str, list[str]]:
    """Stop words, polite words and, as subjects that are never mere politeness, the keywords."""
    courtesy = {kind: _read_all(f"courtesy/*/{kind}.txt") for kind in ("address", "phrase")}
    return {
        "stop_words": sorted({*_read_all("stopwords/*.txt"), *courtesy["phrase"]} - {*courtesy["address"]}),
        "addresses": courtesy["address"],
        "phrases": courtesy["phrase"],
        "matters": _read_all("keywords/*/*.txt"),
        "neutral": _read_all("neutral/*.txt"),
    }


def _read_all(pattern: str) -> list[str]:
    """The folded words of all matching files, each once."""
    lines = [line for path in sorted(FOLDER.glob(pattern)) for line in read_lines(path)]
    return sorted({fold(word) for line in lines for word in line.split()})


def read_keywords(stop_words: Collection[str]) -> dict[str, list[str]]:
    """Keyword (one word or two neighbours, as the scorer sees them) to its categories."""
    found: dict[str, set[str]] = {}
    lexicon = Lexicon(frozenset(stop_words))
    for category in CATEGORIES:
        for path in sorted((FOLDER / "keywords").glob(f"*/{category}.txt")):
            for line in read_lines(path):
                words = read_words(line, lexicon)
                found.setdefault(" ".join(word.folded for word in words[:2]), set()).add(category)
    return {keyword: sorted(categories) for keyword, categories in sorted(found.items())}


def augment(examples: list[Example], seed: int = 7) -> list[Example]:
    """Every seed and noun also at some place of the campus, every seed also with politeness, every seed and
    report also with typing errors.

    Real tickets are polite and hurried, and where a thing happens must not decide what it is.
    """
    rng = random.Random(seed)
    wraps = {language: read_lines(FOLDER / "politeness" / f"{language}.txt") for language in languages()}
    places = {language: read_lines(FOLDER / "places" / f"{language}.txt") for language in languages()}
    return [
        copy
        for example in examples
        for copy in _copy(example, wraps[example.language], places[example.language], rng)
    ]


def _copy(example: Example, wraps: list[str], places: list[str], rng: random.Random) -> Iterator[Example]:
    yield example
    if not example.is_report:
        yield from (replace(example, text=text) for text in _wrap(example, wraps, places, rng))
    if not example.is_noun:
        yield replace(example, text=misspell(example.text, rng), is_misspelt=True)


def _wrap(example: Example, wraps: list[str], places: list[str], rng: random.Random) -> Iterator[str]:
    yield f"{example.text} {rng.choice(places)}"
    if not example.is_noun:
        yield f"{rng.choice(places)} {example.text}"
        for _ in range(3):
            yield _wrap_politely(example.text, rng.choice(wraps), rng.choice(wraps))


def _wrap_politely(text: str, opening: str, closing: str) -> str:
    """The text between the beginning of one polite phrase and the end of another."""
    return f"{opening.partition('{}')[0]}{text}{closing.partition('{}')[2]}"


def misspell(text: str, rng: random.Random) -> str:
    """One typing error in every third longer word: a letter lost, doubled or swapped."""
    return " ".join(
        _make_typo(word, rng) if len(word) > 4 and rng.random() < 0.34 else word for word in text.split(" ")
    )


def _make_typo(word: str, rng: random.Random) -> str:
    position = rng.randrange(1, len(word) - 1)
    lost, doubled = word[:position] + word[position + 1 :], word[:position] + word[position] + word[position:]
    swapped = word[:position] + word[position + 1] + word[position] + word[position + 2 :]
    return rng.choice((lost, doubled, swapped))


def digest(folders: Collection[str] = FOLDERS) -> str:
    """SHA-256 of all files in these folders, so that a test can tell whether a shipped model was made from
    them."""
    total = hashlib.sha256()
    for kind in folders:
        for path in sorted(path for path in (FOLDER / kind).rglob("*.*") if path.suffix in SUFFIXES):
            total.update(f"{path.relative_to(FOLDER).as_posix()}\n".encode() + path.read_bytes())
    return total.hexdigest()
