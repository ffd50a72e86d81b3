"""Scheduled tasks about tickets. Several schedulers do no harm: only one trains at a time."""

import logging

from celery import shared_task

from tickets.idempotency import prune_keys
from tickets.models import ModelOrigin
from tickets.ticket_counters import recount

LIMIT = 600  # seconds
logger = logging.getLogger(__name__)


@shared_task
def recount_tickets() -> None:
    """Rebuilds the counters: fewer rows are added up faster."""
    recount()


@shared_task
def prune_idempotency_keys() -> None:
    logger.info("deleted %d expired idempotency keys", prune_keys())


@shared_task(acks_late=False, soft_time_limit=LIMIT, time_limit=LIMIT + 60)
def retrain_triage() -> None:
    """If its worker dies, the next night's run trains on the same corrections."""
    from tickets.learning.retraining import retrain  # imports scikit-learn, in the one process that trains

    logger.info("Triage: %s", retrain(ModelOrigin.NIGHTLY))
