import pytest

from tickets.triage import classify, load_shipped_model
from tickets.triage.compounds import split_compound

KNOWN = {"heizung", "regler", "drucker", "patrone", "verlichting"}
NEUTRAL = {"problem", "kamer"}


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("heizungsregler", ["heizung", "regler"]),
        ("druckerpatrone", ["drucker", "patrone"]),
        ("druckerpatronen", []),
        ("heizungsproblem", ["heizung"]),
        ("kamerverlichting", ["verlichting"]),
        ("heizung", []),
        ("heizungsxyzzy", []),
    ],
)
def test_compound_of_known_words_is_read_as_these(word, parts):
    assert split_compound(word, KNOWN, NEUTRAL) == parts


def test_evidence_shows_the_compound_as_it_was_written():
    verdict = classify("Heizungsproblem im dritten Stock", load_shipped_model())
    assert verdict.category == "facility"
    assert verdict.evidence[0][0] == "Heizungsproblem"
