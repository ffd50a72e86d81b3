"""The plain files from which the model is made: texts to learn from (seeds, nouns, stories, troubles,
courtesy) and word lists (keywords, politeness, places, stop words)."""

import hashlib
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tickets.triage.features import Lexicon, fold, read_words
from tickets.triage.model import CATEGORIES

HERE = Path(__file__).parent
KINDS = ("courtesy", "seeds", "nouns", "keywords", "politeness", "places", "stories", "stopwords", "troubles")


@dataclass(frozen=True)
class Example:
    """One text to learn from; copies of a text share its origin and stay together in a fold."""

    text: str
    category: str
    language: str
    origin: str
    is_noun: bool = False


def read_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip()]


def languages() -> list[str]:
    return sorted(folder.name for folder in (HERE / "seeds").iterdir() if folder.is_dir())


def read_examples() -> list[Example]:
    """Seeds and nouns of all languages, without copies."""
    return [
        Example(line, category, language, line, is_noun=kind == "nouns")
        for kind in ("seeds", "nouns")
        for language in languages()
        for category in CATEGORIES
        for line in read_lines(HERE / kind / language / f"{category}.txt")
    ]


def read_stories() -> list[str]:
    """Sentences that report nothing, of all languages."""
    return [line for language in languages() for line in read_lines(HERE / "stories" / f"{language}.txt")]


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
    }


def _read_all(pattern: str) -> list[str]:
    """The folded words of all matching files, each once."""
    lines = [line for path in sorted(HERE.glob(pattern)) for line in read_lines(path)]
    return sorted({fold(word) for line in lines for word in line.split()})


def read_keywords(stop_words: Collection[str]) -> dict[str, list[str]]:
    """Keyword (one word or two neighbours, as the scorer sees them) to its categories."""
    found: dict[str, set[str]] = {}
    lexicon = Lexicon(frozenset(stop_words))
    for category in CATEGORIES:
        for path in sorted((HERE / "keywords").glob(f"*/{category}.txt")):
            for line in read_lines(path):
                words = read_words(line, lexicon)
                found.setdefault(" ".join(word.folded for word in words[:2]), set()).add(category)
    return {keyword: sorted(categories) for keyword, categories in sorted(found.items())}


def with_copies(examples: list[Example], seed: int = 7) -> list[Example]:
    """Every text also at some place of the campus, every seed also with politeness and typing errors.

    Real tickets are polite and hurried, and where a thing happens must not decide what it is.
    """
    dice = random.Random(seed)
    wraps = {language: read_lines(HERE / "politeness" / f"{language}.txt") for language in languages()}
    places = {language: read_lines(HERE / "places" / f"{language}.txt") for language in languages()}
    return [
        replace(example, text=text)
        for example in examples
        for text in _copies(example, wraps[example.language], places[example.language], dice)
    ]


def _copies(example: Example, wraps: list[str], places: list[str], dice: random.Random) -> Iterator[str]:
    yield example.text
    yield f"{example.text} {dice.choice(places)}"
    if not example.is_noun:
        yield f"{dice.choice(places)} {example.text}"
        for _ in range(3):
            yield _wrap(example.text, dice.choice(wraps), dice.choice(wraps))
        yield misspell(example.text, dice)


def _wrap(text: str, opening: str, closing: str) -> str:
    """The text between the beginning of one polite phrase and the end of another."""
    return f"{opening.partition('{}')[0]}{text}{closing.partition('{}')[2]}"


def misspell(text: str, dice: random.Random) -> str:
    """One typing error in every third longer word: a letter lost, doubled or swapped."""
    return " ".join(
        _slip(word, dice) if len(word) > 4 and dice.random() < 0.34 else word for word in text.split(" ")
    )


def _slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    lost, doubled = word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return dice.choice((lost, doubled, swapped))


def digest() -> str:
    """SHA-256 of all files, so that a test can tell whether the shipped model was made from them."""
    total = hashlib.sha256()
    for kind in KINDS:
        for path in sorted((HERE / kind).rglob("*.txt")):
            total.update(f"{path.relative_to(HERE).as_posix()}\n".encode() + path.read_bytes())
    return total.hexdigest()
