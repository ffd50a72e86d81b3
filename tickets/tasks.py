"""Scheduled tasks about tickets. Several schedulers do no harm: only one trains at a time."""

import logging
from functools import cache

from celery import shared_task

from places.merge_proposals import compare_places
from tickets.idempotency import prune_keys
from tickets.locations import respell_tickets
from tickets.models import ModelOrigin
from tickets.ticket_counters import recount
from tickets.triage.sentence_head import load_head
from tickets.triage.sentence_model import SentenceModelUnavailable

LIMIT = 600  # seconds
RESPELLING_SECONDS = 40
logger = logging.getLogger(__name__)


@shared_task
def recount_tickets() -> None:
    """Rebuilds the counters: fewer rows are added up faster."""
    recount()


@shared_task
def prune_idempotency_keys() -> None:
    logger.info("deleted %d expired idempotency keys", prune_keys())


@shared_task
def maintain_places() -> None:
    """Finishes what a renamed or merged building leaves to do. The next run goes on where this one ends."""
    respell_tickets(RESPELLING_SECONDS)
    compare_places()


@shared_task
def give_second_opinions() -> None:
    """Does nothing if the sentence model is not installed, does not run or does not fit its head. If a run is
    lost, the next one finds the same tickets."""
    try:
        load_head()
    except SentenceModelUnavailable as error:
        log_unavailable(str(error))
        return
    from tickets.learning.second_reading import read_waiting_tickets  # imports numpy

    read_waiting_tickets()


@cache
def log_unavailable(reason: str) -> None:
    """Once in each process, not every few seconds."""
    logger.info("No second opinions: %s", reason)


@shared_task(acks_late=False, soft_time_limit=LIMIT, time_limit=LIMIT + 60)
def retrain_triage() -> None:
    """If its worker dies, the next night's run trains on the same corrections."""
    from tickets.learning.retraining import retrain  # imports scikit-learn, in the one process that trains

    logger.info("Triage: %s", retrain(ModelOrigin.NIGHTLY))
