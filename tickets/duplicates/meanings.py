"""How near the texts of tickets are, by the vectors that the gateway's worker made of them.

The web process has no numpy."""

import struct
from collections.abc import Iterable
from operator import mul

from tickets.embeddings import VECTOR_BYTES, TicketEmbedding
from tickets.models import Ticket

FORMAT = f"<{VECTOR_BYTES // 2}e"


def compare_meanings(ticket: Ticket, others: Iterable[Ticket]) -> dict[int, float]:
    """Ticket -> cosine, of those that the same sentence model has read."""
    own = TicketEmbedding.objects.filter(ticket=ticket).first()
    if own is None:
        return {}
    vector = struct.unpack(FORMAT, own.vector)
    rows = TicketEmbedding.objects.filter(ticket__in=list(others), sentence_model=own.sentence_model)
    return {
        pk: sum(map(mul, vector, struct.unpack(FORMAT, other)))
        for pk, other in rows.values_list("ticket_id", "vector")
    }
