"""The training data in corrections: a ticket's text with the last category that a person gave it."""

from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef

from tickets.models import Correction, TicketEvent, TriageModel
from tickets.triage import corpus


@dataclass(frozen=True)
class TrainingData:
    """newest: the highest id of a correction, whether or not its ticket is used."""

    examples: list[corpus.Example]
    newest: int


def read_training_data() -> TrainingData:
    """One text per ticket; redacted tickets are left out."""
    newest = Correction.objects.aggregate(newest=Max("pk"))["newest"] or 0
    redacted = TicketEvent.objects.filter(pgh_obj=OuterRef("ticket"), verb="redacted")
    last = Correction.objects.filter(pk__lte=newest).order_by("ticket_id", "-pk").distinct("ticket_id")
    rows = last.exclude(Exists(redacted)).values_list("ticket_id", "ticket__description", "new")
    examples = [
        corpus.Example(text, category, language="", origin=f"ticket {ticket}")
        for ticket, text, category in rows
    ]
    return TrainingData(examples, newest)


def has_new_corrections(data: TrainingData) -> bool:
    """Whether there is a correction that no retraining has seen, or corrections and changed seed texts."""
    seen = TriageModel.objects.filter(seeds=corpus.digest()).aggregate(newest=Max("newest_correction"))
    return bool(data.examples) and data.newest > (seen["newest"] or 0)
