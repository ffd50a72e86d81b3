from collections import Counter

import pytest

from campus_helpdesk.demo.buildings import ROOMS
from campus_helpdesk.demo.text_catalog import Report, common, event, situations, vague_situations
from tickets.triage import classify, load_shipped_model


def test_every_category_has_at_least_sixty_situations():
    counts = Counter(situation.category for situation in situations())
    assert set(counts) == {"it", "facility", "services"}
    assert min(counts.values()) >= 60


def test_every_category_has_texts_in_five_languages():
    found = {(situation.category, situation.lang) for situation in situations()}
    languages = {"en", "de", "fr", "es", "it"}
    assert found == {(category, lang) for category in ("it", "facility", "services") for lang in languages}


def test_vague_reports_stand_alone_and_are_of_every_category():
    assert {situation.category for situation in vague_situations()} == {"it", "facility", "services"}
    assert all(situation.is_bare for situation in vague_situations())
    assert not set(vague_situations()) & set(situations())


def test_most_vague_reports_need_review():
    model = load_shipped_model()
    texts = [text for situation in vague_situations() for text in situation.reports if "{" not in text]
    doubtful = [text for text in texts if classify(text, model).needs_review]
    assert len(doubtful) > len(texts) / 2 > 15


def test_no_report_is_written_twice():
    texts = [text for situation in situations() + vague_situations() for text in situation.reports]
    assert len(texts) == len(set(texts))


def test_every_report_has_an_ending():
    assert {
        len(situation.done) - len(situation.reports) for situation in situations() if len(situation.done) > 1
    } == {0}
    assert {len(situation.done) for situation in vague_situations()} == {1}


def test_replies_are_used_only_for_fitting_reports():
    situation = next(situation for situation in situations() if situation.replies_for == (1,))
    assert Report(situation, 0).replies == ()
    assert Report(situation, 1).replies == situation.replies


def test_locations_of_situations_are_known():
    assert {situation.where for situation in situations() + vague_situations()} <= {*ROOMS, "none"}


def test_campus_has_a_dozen_buildings():
    assert len({building for kind in ROOMS.values() for building in kind}) >= 12


@pytest.mark.parametrize("name", ["outage", "cold"])
def test_events_have_many_reports(name):
    assert len(event(name, "it").reports) >= 12


def test_foreign_sentences_cover_a_conversation():
    for sentences in common()["foreign"].values():
        assert {"received", "thanks", "context", "impatient"} <= set(sentences)
