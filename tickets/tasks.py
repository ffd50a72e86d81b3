"""What beat asks for of the tickets. Several beats do no harm: one trains, the others see it."""

import logging

from celery import shared_task

from tickets.idempotency import prune_keys
from tickets.models import ModelOrigin
from tickets.ticket_counters import recount

LIMIT = 600  # seconds
logger = logging.getLogger(__name__)


@shared_task
def recount_tickets() -> None:
    """Few rows are quickly added up."""
    recount()


@shared_task
def prune_idempotency_keys() -> None:
    logger.info("Keys of requests that have had their day: %d", prune_keys())


@shared_task(acks_late=False, soft_time_limit=LIMIT, time_limit=LIMIT + 60)
def retrain_triage() -> None:
    """Lost with its worker: the next night learns what this one has not."""
    from tickets.learning.retraining import retrain  # scikit-learn, in the one process that trains

    logger.info("Triage: %s", retrain(ModelOrigin.NIGHTLY))
