"""What the reporters of the demo campus answer when they are asked whether their problem is solved."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import islice

from campus_helpdesk.demo.academic_calendar import awake
from campus_helpdesk.demo.arrivals import span_before
from campus_helpdesk.demo.ticket_timeline import HOUR, MINUTE
from tickets.following.models import Feedback
from tickets.models import Ticket

ANSWER_SHARE = 0.3
SOLVED_SHARES = {"it": 0.88, "facility": 0.8, "services": 0.7}
MEDIAN_HOURS, SPREAD = 8, 1.2
ROWS_AT_ONCE = 5_000


def give_answers(seed: int, until: date) -> None:
    """The same for equal arguments, and apart from the campus itself: its texts and times do not depend on
    them."""
    answers = draw_answers(random.Random(f"feedback {seed}"), until)
    while rows := list(islice(answers, ROWS_AT_ONCE)):
        Feedback.objects.bulk_create(rows)


def draw_answers(rng: random.Random, until: date) -> Iterator[Feedback]:
    """Some of the reporters, some time after the closing and before the campus ends."""
    horizon = span_before(until).horizon()
    tickets = Ticket.objects.order_by("pk").values_list("pk", "category", "closed_at")
    for pk, category, closed_at in tickets.iterator():
        if closed_at is None:
            continue
        wait = max(rng.lognormvariate(0, SPREAD) * MEDIAN_HOURS * HOUR, MINUTE)
        given_at = awake(closed_at + wait, rng).replace(microsecond=0)
        is_solved = rng.random() < SOLVED_SHARES[category]
        if rng.random() < ANSWER_SHARE and given_at < horizon:
            yield Feedback(ticket_id=pk, is_solved=is_solved, given_at=given_at)
