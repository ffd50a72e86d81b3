import pytest

from tickets.triage import classify, load_shipped_model
from tickets.triage.features import Lexicon, read_words
from tickets.triage.sentences import find_salience, split_sentences, weigh_sentences

MODEL = load_shipped_model()
STORY = (
    "I have been living in Garden House since September and I am happy here.",
    "My flatmates are great and we often cook together after class.",
    "On Sunday we took the bus to the lake and had a long lunch.",
)


def sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text, read_words(text, Lexicon()))]


def test_sentences_end_at_full_stops_and_lines():
    assert sentences("Lamp dark. Tap drips!\nDoor jams") == ["Lamp dark.", " Tap drips!", "Door jams"]


@pytest.mark.parametrize("text", ["", "Lamp", "Room 2.14 cold", "Dr. Lee froze"])
def test_sentences_of_a_short_text_are_one(text):
    assert sentences(text) == [text]


def test_sentence_without_a_word_that_counts_tells_no_story():
    text = "Good morning, I hope all is well. The lamp in the hall is dark. Thank you!"
    told = split_sentences(text, read_words(text, MODEL.lexicon))
    assert [sentence.text for sentence in told] == [" The lamp in the hall is dark."]


def test_sentences_lose_no_word():
    text = "Help! Lamp dark since nine. Please. Tap drips all night. Thanks"
    words = read_words(text, Lexicon())
    assert [word for sentence in split_sentences(text, words) for word in sentence.words] == words


def test_parts_are_one_together_and_the_report_has_most():
    text = f"{STORY[1]} The heater is broken."
    told = split_sentences(text, read_words(text, MODEL.lexicon))
    parts = weigh_sentences([find_salience(sentence.text, MODEL.salience) for sentence in told])
    assert sum(parts) == pytest.approx(1)
    assert parts[1] > 0.8


def test_of_two_reports_the_more_striking_one_does_not_decide_alone():
    first, second = weigh_sentences([8.0, 4.0])
    assert 0.7 < first < 0.8
    assert first + second == pytest.approx(1)


@pytest.mark.parametrize(
    ("report", "category"),
    [
        ("But the heater in my room has not worked for two weeks.", "facility"),
        ("Sadly the projector does not find my laptop.", "it"),
        ("The cashier shouted at me in front of everybody.", "services"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_classify_is_not_drowned_by_a_story(report, category, place):
    told = [*STORY[:place], report, *STORY[place:]]
    verdict = classify(" ".join(told), MODEL)
    assert (verdict.category, verdict.is_mixed) == (category, False)
    assert any(word in report for word, _ in verdict.evidence)


def test_classify_tells_a_text_of_two_topics():
    verdict = classify("The radiator leaks onto the floor. The printer does not print either.", MODEL)
    assert {verdict.category, verdict.runner_up} == {"facility", "it"}
    assert verdict.is_mixed


def test_classify_of_two_sentences_about_one_thing_is_not_mixed():
    assert not classify("The radiator leaks. The floor under the heater is wet.", MODEL).is_mixed


def test_classify_of_one_sentence_is_not_mixed():
    assert not classify("The lamp is broken and the printer, too", MODEL).is_mixed
