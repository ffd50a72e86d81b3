"""Scheduled tasks about mails that came in."""

import logging

from celery import shared_task
from django.conf import settings

from incoming_mail.inbox import poll
from incoming_mail.redaction import forget_old_mails

logger = logging.getLogger(__name__)


@shared_task
def poll_inbox() -> None:
    """If a run is lost, the next one finds the same mails."""
    if settings.INBOX_URL:
        poll()


@shared_task
def forget_mails() -> None:
    logger.info("forgot %d old mails", forget_old_mails())
