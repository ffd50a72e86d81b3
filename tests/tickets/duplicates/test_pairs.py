"""The figures of similar tickets, on texts that were written without sight of the code.

docs/developers/duplicates.md has them together with what they should be.
"""

import pytest

from tests.support.duplicate_pairs import Site, read_lines


@pytest.mark.django_db
def test_words_and_places_find_as_many_duplicates_as_recorded():
    site = Site(read_lines())
    assert len(site.partners) >= 200
    figures = site.measure_shown()
    assert figures.shown_without_duplicate <= 0.2, figures
    assert figures.found >= 0.45, figures
