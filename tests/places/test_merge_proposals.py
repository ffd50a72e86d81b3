import pytest

from places.merge_proposals import compare_places, may_be_same
from places.models import MergeProposal, Place
from places.spelling import spell_location

SAME = [
    ("central library", "centrl library"),
    ("central library", "library central"),
    ("sports hall", "sportshall"),
    ("muller hall", "mueller hall"),
    ("main building", "main bldg"),
    ("humboldt building", "humboldt"),
    ("the curie building", "curie building"),
    ("noether building", "noehter building"),
    ("physics dept", "physics department"),
    ("lecture hall 12", "lectur hall 12"),
]
DIFFERENT = [
    ("building 7", "building 8"),
    ("building 12", "building 21"),
    ("hall a", "hall b"),
    ("east wing", "west wing"),
    ("north canteen", "south canteen"),
    ("law library", "central library"),
    ("linden residence", "river residence"),
    ("lab 1a", "lab 1b"),
    ("gym", "gum"),
    ("park canteen", "canteen"),
    ("house 1", "building 2"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_nearly_equal_names_may_be_the_same(one, other):
    assert may_be_same(one, other)
    assert may_be_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_different_buildings_are_told_apart(one, other):
    assert not may_be_same(one, other)
    assert not may_be_same(other, one)


@pytest.mark.django_db
def test_every_building_is_compared_once_with_all_others():
    for names in (*SAME, *DIFFERENT):
        for name in names:
            spell_location(name, "a room", lambda names: False)
    assert compare_places() == Place.objects.buildings().count()
    proposed = {
        frozenset((proposal.first.name, proposal.second.name))
        for proposal in MergeProposal.objects.select_related("first", "second")
    }
    transitive = {frozenset(("centrl library", "library central"))}
    assert proposed == set(map(frozenset, SAME)) | transitive
    assert compare_places() == 0


@pytest.mark.django_db
def test_dismissed_proposal_does_not_come_back():
    for name in ("Main Bldg", "Main Building"):
        spell_location(name, "", lambda names: False)
    compare_places()
    MergeProposal.objects.update(is_dismissed=True)
    Place.objects.update(is_compared=False)
    compare_places()
    assert MergeProposal.objects.get().is_dismissed
