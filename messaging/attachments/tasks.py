"""Scheduled tasks about photos."""

import logging

from celery import shared_task

from messaging.attachments.cleaning import clean_up, delete_orphans
from messaging.attachments.preparing import prepare_waiting_photos

logger = logging.getLogger(__name__)


@shared_task
def prepare_photos() -> None:
    """No message names a photo: a lost one loses nothing."""
    prepare_waiting_photos()
    clean_up()


@shared_task
def delete_orphaned_files() -> None:
    logger.info("deleted %d files that belong to no photo", delete_orphans())
