"""The figures of similar tickets, on texts that were written without sight of the code.

docs/developers/duplicates.md has them together with what they should be.
"""

from tests.support.duplicate_pairs import find_partners, measure_pairs, read_lines


def test_words_and_places_find_as_many_duplicates_as_recorded():
    lines = read_lines()
    figures = measure_pairs(lines)
    assert len(find_partners(lines)) >= 200
    assert figures.shown_without_duplicate <= 0.2, figures
    assert figures.found >= 0.3, figures
