"""What is new about the tickets that a browser follows: counted in the navigation, told on open pages."""

from dataclasses import dataclass

from common.digits import parse_digits
from common.roles import Caller, Role
from messaging.models import Message
from tickets.following.models import Follower
from tickets.following.queries import find_news
from tickets.models import Ticket

MAX_COUNTED = 99


@dataclass(frozen=True)
class News:
    """count: tickets with news, up to MAX_COUNTED. newest: the one that changed last, None without news."""

    count: int
    newest: Follower | None

    @property
    def moment(self) -> int:
        """Of the newest change, in microseconds; 0 without news."""
        return round(self.newest.ticket.modified_at.timestamp() * 1_000_000) if self.newest else 0

    @property
    def state(self) -> str:
        """Equal as long as nothing has changed; a poll sends it back."""
        return f"{self.count}-{self.moment}"

    def is_later_than(self, state: str) -> bool:
        """Whether something has happened since: there is less news, too, once a ticket was shown."""
        return self.moment > (parse_digits(state.partition("-")[2], 18) or 0)


def read_news(caller: Caller | None) -> News | None:
    """None for those who are not shown any: the helpdesk has its queue, and without a cookie nothing is
    followed."""
    if caller is None or caller.is_helpdesk or not caller.browser:
        return None
    found = find_news(caller)
    newest = found.first()
    return News(found.order_by()[:MAX_COUNTED].count() if newest else 0, newest)


def describe_news(follower: Follower) -> str:
    """What happened last to a ticket since the browser showed it."""
    ticket: Ticket = follower.ticket
    if ticket.is_closed:
        return "Closed by the helpdesk"
    last = Message.objects.visible_to(Role.USER).filter(ticket=ticket, sent_at__gt=follower.seen_at).last()
    if last is not None:
        return "New answer from the helpdesk" if last.author_role == Role.HELPDESK else "New message"
    if ticket.activated_at and ticket.activated_at > follower.seen_at:
        return "Taken up by the helpdesk"
    return "Changed"
