"""Writes the mail of a delivery, when it is sent: from what its recipient may see then."""

from collections.abc import Callable

from notifications.channels.mail import Mail
from notifications.desk_mails import write_digest, write_new_ticket
from notifications.follower_mails import Addresses, write_confirmation, write_news
from notifications.models import Delivery, Kind

WRITERS: dict[Kind, Callable[[Delivery, Addresses], Mail]] = {
    Kind.CONFIRMATION: write_confirmation,
    Kind.NEWS: write_news,
    Kind.NEW_TICKET: write_new_ticket,
    Kind.DIGEST: write_digest,
}


def compose(delivery: Delivery, addresses: Addresses | None = None) -> Mail:
    return WRITERS[Kind(delivery.kind)](delivery, addresses or Addresses())
