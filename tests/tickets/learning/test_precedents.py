import numpy as np
import pytest

from tests.support.factories import HELPDESK, USER, make_ticket
from tests.support.second_readings import make_moved_ticket
from tickets.actions import correct_category
from tickets.embeddings import TicketEmbedding
from tickets.learning.precedents import (
    MIN_SIMILARITY,
    Precedents,
    load_precedents,
    measure_from,
    pack_vector,
    unpack_vectors,
)
from tickets.models import Ticket

CENTRE = np.zeros(384, np.float32)
WIFI, LAMP = "The wifi is slow on my laptop", "The lamp in the corridor is broken"


def direction(similarity: float) -> np.ndarray:
    """A vector whose cosine with the first axis is this."""
    vector = np.zeros(384, np.float32)
    vector[:2] = similarity, (1 - similarity**2) ** 0.5
    return vector


AXIS = direction(1.0)


def keep_vector(ticket: Ticket, vector: np.ndarray = AXIS, sentence_model: str = "model 1") -> Ticket:
    TicketEmbedding.objects.create(ticket=ticket, sentence_model=sentence_model, vector=pack_vector(vector))
    return ticket


def test_vectors_survive_packing_almost_unchanged():
    vectors = np.random.default_rng(1).normal(size=(3, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    packed = [pack_vector(vector) for vector in vectors]
    assert {len(one) for one in packed} == {768}
    np.testing.assert_allclose(unpack_vectors(packed), vectors, atol=0.0005)
    assert unpack_vectors([]).shape == (0, 384)


def test_vectors_are_measured_from_the_centre():
    np.testing.assert_allclose(measure_from(AXIS, (AXIS + 2 * direction(0.0))[None])[0], direction(0.0))
    assert np.isfinite(measure_from(AXIS, AXIS[None])).all()


def precedents(*rows: tuple[np.ndarray, str, str]) -> Precedents:
    vectors, moved_from, moved_to = zip(*rows, strict=True)
    return Precedents(measure_from(CENTRE, np.stack(vectors)), range(len(rows)), moved_from, moved_to)


@pytest.mark.parametrize(
    ("similarity", "category", "found"),
    [
        (MIN_SIMILARITY + 0.01, "it", 0),
        (MIN_SIMILARITY - 0.01, "it", None),
        (MIN_SIMILARITY + 0.01, "services", None),
        (MIN_SIMILARITY + 0.01, "facility", None),
    ],
)
def test_mistake_is_repeated_by_a_similar_text_with_the_same_category(similarity, category, found):
    moved = precedents((AXIS, "it", "facility"))
    assert moved.find_repeated_mistake(direction(similarity), CENTRE, category) == found


def test_nearest_decision_counts():
    confirmed_is_nearer = precedents((direction(0.9), "it", "facility"), (AXIS, "it", "it"))
    assert confirmed_is_nearer.find_repeated_mistake(AXIS, CENTRE, "it") is None
    moved_is_nearer = precedents((AXIS, "it", "facility"), (direction(0.9), "it", "it"))
    assert moved_is_nearer.find_repeated_mistake(AXIS, CENTRE, "it") == 0


@pytest.mark.django_db
def test_precedents_are_what_the_helpdesk_decided():
    moved = keep_vector(make_moved_ticket(WIFI, to="facility"))
    twice = keep_vector(make_moved_ticket(LAMP, to="it"))
    correct_category(twice, by=HELPDESK, category="services", version=twice.version)
    confirmed = keep_vector(make_ticket(description=LAMP))
    correct_category(confirmed, by=HELPDESK, category="facility", version=confirmed.version)
    by_user = keep_vector(make_ticket(description=LAMP))
    correct_category(by_user, by=USER, category="it", version=by_user.version)
    keep_vector(make_ticket(description=LAMP))
    keep_vector(make_moved_ticket(LAMP, to="it"), sentence_model="model 2")
    loaded = load_precedents("model 1", CENTRE)
    assert list(zip(loaded.ids, loaded.moved_from, loaded.moved_to, strict=True)) == [
        (confirmed.pk, "facility", "facility"),
        (twice.pk, "facility", "services"),
        (moved.pk, "it", "facility"),
    ]
    assert loaded.unit_vectors.shape == (3, 384)


@pytest.mark.django_db
def test_without_a_decision_there_is_no_precedent():
    assert load_precedents("model 1", CENTRE).find_repeated_mistake(AXIS, CENTRE, "it") is None
