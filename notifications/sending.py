"""Sends what is due. Runs in the gateway's worker; if a run is lost, a later one finds the same rows.

Between the mail server's acceptance and the mark in the row lies a moment: a process that dies in it leaves a
row that is sent once more, with the same Message-ID.
"""

import logging
import time
from contextlib import closing

from django.core.mail.backends.base import BaseEmailBackend

from common.test_hooks import wait_at
from django_common.advisory_locks import AdvisoryLock, session_lock
from notifications.channels.mail import Mail, connect, has_server, send_mail
from notifications.composing import compose
from notifications.errors import ChannelAway, RecipientRefused, TryLater
from notifications.models import Delivery, Subscription
from notifications.outbox import claim_next, give_up_old, mark_failed, mark_sent, postpone

TURN_SECONDS = 20
UNWRITTEN = "The mail could not be written; the log of the gateway's worker says why."
AWAY = "The mail server accepts nothing; the outbox at the desk says why."

logger = logging.getLogger(__name__)


def send_due() -> int:
    """One turn; returns how many were sent. Safe under several callers: one sends, the others do nothing, so
    that a slow server keeps one process busy and no more."""
    with session_lock(AdvisoryLock.OUTBOX) as is_ours:
        if not is_ours:
            return 0
        if not has_server():  # what waits for one is not given up
            return 0
        give_up_old()
        return send_turn() if Delivery.objects.due().exists() else 0


def send_turn() -> int:
    """Ends early if the server is away: what is due stays due, but for the one delivery that noticed it."""
    ends_at, sent = time.monotonic() + TURN_SECONDS, 0
    try:
        server = connect()
    except ChannelAway as away:
        logger.warning(AWAY)
        if delivery := claim_next():
            postpone(delivery, str(away))
        return 0
    with closing(server):
        while time.monotonic() < ends_at and (delivery := claim_next()):
            try:
                sent += attempt(server, delivery)
            except ChannelAway as away:
                logger.warning(AWAY)
                postpone(delivery, str(away))
                break
    return sent


def attempt(server: BaseEmailBackend, delivery: Delivery) -> bool:
    """Whether it was sent. Raises ChannelAway."""
    try:
        mail = compose(delivery)
    except Subscription.DoesNotExist:  # it was ended since, and the delivery with it
        return False
    except Exception:  # a fault of ours in one mail must not stop those behind it
        logger.exception("delivery %s could not be written", delivery.pk)
        postpone(delivery, UNWRITTEN)
        return False
    wait_at("before_mail")
    return hand_over(server, delivery, mail)


def hand_over(server: BaseEmailBackend, delivery: Delivery, mail: Mail) -> bool:
    try:
        send_mail(server, mail, to=delivery.recipient, message_id=delivery.message_id)
    except ChannelAway:
        raise
    except RecipientRefused as refusal:
        mark_failed(delivery, str(refusal))
        return False
    except TryLater as refusal:
        postpone(delivery, str(refusal))
        return False
    except Exception as error:  # its text may hold the address
        logger.error("delivery %s could not be sent: %s", delivery.pk, type(error).__name__)
        postpone(delivery, UNWRITTEN)
        return False
    wait_at("after_mail_before_mark")
    mark_sent(delivery)
    return True
