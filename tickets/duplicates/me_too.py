"""Joining a ticket instead of reporting its problem again."""

from common.roles import Caller
from tickets.following.actions import follow
from tickets.following.models import Follower, Reason
from tickets.models import Ticket


def say_me_too(ticket: Ticket, *, by: Caller) -> Follower:
    """The caller's browser follows the ticket and counts once, however often it is said; who reported it does
    not count again.

    Raises NotAllowed, Hidden, WrongState, Invalid without a browser.
    """
    follower = follow(ticket, by=by, reason=Reason.ME_TOO)
    ticket.refresh_from_db(fields=["me_too"])
    return follower
