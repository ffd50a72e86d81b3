"""Tickets whose category the helpdesk decided, to which a new one may be similar. Imports numpy: for the
gateway's worker only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import OuterRef, Subquery

from common.roles import Role
from tickets.embeddings import TicketEmbedding
from tickets.models import Correction, Source

MAX_PRECEDENTS = 2000  # the newest ones
MIN_SIMILARITY = 0.65


@dataclass(frozen=True)
class Precedents:
    """unit_vectors: (precedents, 384), measured from the centre. moved_from, moved_to: the machine's category
    and the person's, equal where it was confirmed."""

    unit_vectors: np.ndarray
    ids: Sequence[int]
    moved_from: Sequence[str]
    moved_to: Sequence[str]

    def find_repeated_mistake(self, vector: np.ndarray, centre: np.ndarray, category: str) -> int | None:
        """The position of the ticket that is most similar, if it is similar enough and staff moved it out of
        this category: the machine is about to make the same mistake. A similar ticket that was confirmed, or
        moved elsewhere, speaks against it."""
        if not len(self.ids):
            return None
        similarities = self.unit_vectors @ measure_from(centre, vector[None])[0]
        nearest = int(similarities.argmax())
        is_similar = similarities[nearest] >= MIN_SIMILARITY
        was_moved = self.moved_from[nearest] == category != self.moved_to[nearest]
        return nearest if is_similar and was_moved else None


def load_precedents(sentence_model: str, centre: np.ndarray) -> Precedents:
    """The newest tickets whose last decision is the helpdesk's."""
    decisions = Correction.objects.filter(ticket=OuterRef("ticket_id"))
    rows = (
        TicketEmbedding.objects.filter(sentence_model=sentence_model, ticket__category_source=Source.PERSON)
        .annotate(
            moved_from=Subquery(decisions.order_by("id").values("old")[:1]),
            decider=Subquery(decisions.order_by("-id").values("by_role")[:1]),
        )
        .filter(decider=Role.HELPDESK)
        .order_by("-ticket_id")
        .values_list("ticket_id", "vector", "moved_from", "ticket__category")[:MAX_PRECEDENTS]
    )
    ids, vectors, moved_from, moved_to = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Precedents(measure_from(centre, unpack_vectors(vectors)), ids, moved_from, moved_to)


def measure_from(centre: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The directions of vectors as seen from the centre, each of length 1."""
    moved = vectors - centre
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


def pack_vector(vector: np.ndarray) -> bytes:
    return vector.astype("<f2").tobytes()


def unpack_vectors(packed: Sequence[bytes | memoryview]) -> np.ndarray:
    """As they were within 0.0005: (number of vectors, 384)."""
    return np.frombuffer(b"".join(packed), "<f2").reshape(-1, 384).astype(np.float32)
