"""Scheduled tasks of the outbox. Several schedulers do no harm."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings

from notifications.desk_notices import make_digests
from notifications.outbox import delete_ended
from notifications.sending import send_due
from notifications.subscriptions import erase_addresses

logger = logging.getLogger(__name__)


@shared_task
def send_deliveries() -> None:
    """No message names a delivery: a lost one loses nothing."""
    if sent := send_due():
        logger.info("sent %d mails", sent)


@shared_task
def send_digests() -> None:
    make_digests()


@shared_task
def forget_addresses() -> None:
    logger.info("erased %d addresses", erase_addresses())
    logger.info("deleted %d ended deliveries", delete_ended(timedelta(days=settings.MAIL_ADDRESS_DAYS)))
