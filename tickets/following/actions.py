"""The only writers of followers, secret links and feedback, but for `open_ticket`, whose reporter follows the
new ticket at once, for merging, which brings followers, and for the demo campus, whose reporters have no
links."""

import secrets

from common.errors import Hidden, Invalid, NotAllowed
from common.roles import Caller
from django_common.database import is_read_only
from django_common.retry import retry_on_deadlock
from django_common.text_validation import clean_text
from tickets.access import may_make_link, require
from tickets.actions import lock_row, refuse_closed
from tickets.expressions import StatementNow
from tickets.following.followers import add_follower, remove_follower
from tickets.following.models import Feedback, Follower, Reason, SecretLink
from tickets.following.secrets import derive_secret, digest_secret
from tickets.models import Ticket

MAX_COMMENT_LENGTH = 500
NO_BROWSER = "Your browser must accept this site's cookies for this."


@retry_on_deadlock
def follow(ticket: Ticket, *, by: Caller, reason: Reason) -> Follower:
    """The caller's browser follows a ticket that is not closed. Of several reasons the strongest stays.

    Raises NotAllowed, Hidden, WrongState, Invalid without a browser.
    """
    require(by, "follow", ticket)
    refuse_closed(lock_row(ticket), by=by)
    if not by.browser:
        raise Invalid({"browser": [NO_BROWSER]})
    follower = add_follower(ticket, by.browser, reason=reason, seen_at=ticket.modified_at)
    own = Follower.objects.filter(pk=follower.pk, own_reason__in=["", *reason.weaker])
    own.update(own_reason=reason)
    follower.refresh_from_db()
    return follower


@retry_on_deadlock
def unfollow(ticket: Ticket, *, by: Caller) -> None:
    """Ends what `follow` began, and the secret link with it. Who reported the problem or has it, too, stays
    counted.

    Raises NotAllowed, Hidden, WrongState.
    """
    require(by, "follow", ticket)
    refuse_closed(lock_row(ticket), by=by)
    follower = find_follower(ticket, by=by)
    if by.browser and (follower is None or follower.reason == Reason.FOLLOWED):
        remove_follower(ticket, by.browser)


def mark_seen(ticket: Ticket, *, by: Caller) -> None:
    """The caller's browser shows the ticket as it is now: none of it is news any more.

    A database that accepts no changes is still read: there it stays news.
    """
    if not by.browser:
        return
    unseen = Follower.objects.filter(ticket=ticket, browser=by.browser, seen_at__lt=ticket.modified_at)
    if unseen.exists() and not is_read_only():
        unseen.update(seen_at=ticket.modified_at)


def find_follower(ticket: Ticket, *, by: Caller) -> Follower | None:
    return Follower.objects.filter(ticket=ticket, browser=by.browser).first()


@retry_on_deadlock
def make_link(ticket: Ticket, *, by: Caller, token: str) -> SecretLink:
    """The secret link of a browser that reported or follows the ticket: made once, until it is revoked.

    token: the browser's own, of which `by.browser` is the digest. Raises NotAllowed.
    """
    lock_row(ticket)  # until the link is there, nothing ends following
    follower = find_follower(ticket, by=by)
    if follower is None or not may_make_link(by, ticket, follows=True):
        raise NotAllowed("Only a browser that reported or follows a ticket gets its secret link.")
    return store_link(ticket, by.browser, token, is_reporters=follower.reason == Reason.REPORTED)


def make_mail_link(ticket: Ticket, holder: str, *, token: str, is_reporters: bool) -> SecretLink:
    """A link for the mails to one address, which no browser is shown. holder: like the digest of a browser;
    token: the site's own, for the server alone writes these mails."""
    return store_link(ticket, holder, token, is_reporters=is_reporters)


def store_link(ticket: Ticket, holder: str, token: str, *, is_reporters: bool) -> SecretLink:
    nonce = secrets.token_hex(16)
    link, _ = SecretLink.objects.get_or_create(
        ticket=ticket,
        browser=holder,
        revoked_at=None,
        defaults={
            "nonce": nonce,
            "digest": digest_secret(derive_secret(token, nonce)),
            "is_reporters": is_reporters,
        },
    )
    return link


def revoke_link(link: SecretLink) -> None:
    """From now on the link is answered like one that never was."""
    SecretLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=StatementNow())


@retry_on_deadlock
def give_feedback(link: SecretLink, *, is_solved: object, comment: object) -> Feedback:
    """What the holder of the link says: "yes" or "no", and a short text. Replaces what was said before.

    Raises Invalid, Hidden if the ticket's texts and links were removed since the link was found.
    """
    comment = clean_text("comment", comment, limit=MAX_COMMENT_LENGTH, is_required=False)
    if is_solved not in ("yes", "no"):
        raise Invalid({"is_solved": ["Choose yes or no."]})
    if lock_row(link.ticket).texts_removed_after is not None:
        raise Hidden
    values = {"is_solved": is_solved == "yes", "comment": comment, "given_at": StatementNow()}
    feedback, _ = Feedback.objects.update_or_create(ticket=link.ticket, defaults=values)
    return feedback
