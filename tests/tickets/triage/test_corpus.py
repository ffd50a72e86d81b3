import random

import pytest

from tickets.triage import corpus
from tickets.triage.features import Lexicon, fold, read_words
from tickets.triage.model import CATEGORIES

LANGUAGES = ["de", "en", "es", "fr", "it", "nl", "pt"]


def test_languages_are_the_folders_of_seeds():
    assert corpus.languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_its_files(language):
    files = [corpus.FOLDER / kind / f"{language}.txt" for kind in ("politeness", "places", "stopwords")]
    files += [corpus.FOLDER / "courtesy" / language / f"{kind}.txt" for kind in ("address", "phrase")]
    files += [
        corpus.FOLDER / kind / language / f"{category}.txt"
        for kind in ("seeds", "nouns", "keywords")
        for category in CATEGORIES
    ]
    assert all(corpus.read_lines(path) for path in files)


def test_no_seed_or_noun_stands_under_two_categories():
    categories: dict[tuple[str, str], set[str]] = {}
    for example in corpus.read_examples():
        categories.setdefault((example.language, fold(example.text)), set()).add(example.category)
    assert [key for key, found in categories.items() if len(found) > 1] == []


def test_no_keyword_stands_for_two_categories():
    keywords = corpus.read_keywords(corpus.read_lexicon()["stop_words"])
    assert [word for word, categories in keywords.items() if len(categories) > 1] == []


def test_every_polite_phrase_has_room_for_the_text():
    phrases = [line for path in corpus.FOLDER.glob("politeness/*.txt") for line in corpus.read_lines(path)]
    assert all(phrase.count("{}") == 1 for phrase in phrases)


def test_copies_are_the_same_every_time_and_keep_their_origin():
    examples = corpus.read_examples()[:40]
    copies = corpus.augment(examples)
    assert copies == corpus.augment(examples)
    assert {copy.origin for copy in copies} == {example.text for example in examples}


def test_reports_are_learned_as_they_are_and_misspelt():
    """They have politeness, places and stories of their own."""
    (report, *_) = [example for example in corpus.read_examples() if example.is_report]
    copies = corpus.augment([report])
    assert copies[0] == report
    assert [copy.is_misspelt for copy in copies] == [False, True]


def test_every_seed_and_no_noun_is_also_misspelt():
    examples = corpus.read_examples()
    seeds, nouns = examples[:40], [example for example in examples if example.is_noun]
    misspelt = [copy.origin for copy in corpus.augment(seeds + nouns) if copy.is_misspelt]
    assert misspelt == [seed.text for seed in seeds]


def test_misspell_changes_some_longer_words_only():
    words = ["the", "lamp", "in", "the", "corridor", "flickers", "since", "yesterday", "evening"]
    slips = [corpus.misspell(" ".join(words), random.Random(n)).split() for n in range(20)]
    changed = {word for slip in slips for word, now in zip(words, slip, strict=True) if word != now}
    assert changed == {"corridor", "flickers", "since", "yesterday", "evening"}


@pytest.mark.parametrize("name", ["en/it.txt", "reports.jsonl"])
def test_digest_changes_with_any_file(name, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    before = corpus.digest()
    path = tmp_path / "seeds" / name
    path.parent.mkdir(parents=True)
    path.write_text("lamp\n")
    assert corpus.digest() != before


def test_no_noun_or_keyword_is_lost_among_the_stop_words():
    """A stop word of one language may be a thing in another: 'bin', 'caro'."""
    lexicon = Lexicon(frozenset(corpus.read_lexicon()["stop_words"]))
    nouns = [example.text for example in corpus.read_examples() if example.is_noun]
    keywords = [line for path in corpus.FOLDER.glob("keywords/*/*.txt") for line in corpus.read_lines(path)]
    assert [text for text in nouns + keywords if not read_words(text, lexicon)] == []
