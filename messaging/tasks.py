"""The scheduled task about texts that are kept for a time only."""

import logging
import time
from collections import Counter
from contextlib import closing

from celery import shared_task
from django.conf import settings

from messaging.retention import Busy, remove_old_texts

LIMIT = 600  # seconds
logger = logging.getLogger(__name__)


@shared_task(acks_late=False, soft_time_limit=LIMIT, time_limit=LIMIT + 60)
def remove_old_texts_nightly() -> None:
    """Does nothing unless RETAIN_MONTHS is set. What it does not reach in time, the next night does."""
    if settings.RETAIN_MONTHS is None:
        return
    total, began_at = Counter[str](), time.monotonic()
    try:
        with closing(remove_old_texts(settings.RETAIN_MONTHS)) as batches:
            for counts in batches:
                total += counts
                if time.monotonic() - began_at > LIMIT / 2:
                    break
    except Busy as busy:
        logger.info("%s", busy)
    logger.info("removed the texts of %d tickets", total["tickets"])
