"""Merges and undos in any order, beside people who join and follow, against a simple model."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.support.factories import HELPDESK, make_ticket, with_browser
from tickets.duplicates.me_too import say_me_too
from tickets.duplicates.merging import merge_ticket, unmerge_ticket
from tickets.following.actions import follow
from tickets.following.models import Follower, Reason
from tickets.models import Ticket

TICKETS, BROWSERS, STEPS = range(4), range(4), 60


class Model:
    """What every browser chose itself, and which ticket is merged into which one."""

    def __init__(self) -> None:
        self.own = {(number, number): Reason.REPORTED for number in TICKETS}
        self.kept: dict[int, int] = {}

    def choose(self, number: int, browser: int, reason: Reason) -> None:
        before = self.own.get((number, browser), reason)
        self.own[number, browser] = min(before, reason, key=list(Reason).index)

    def merge(self, number: int, kept: int) -> None:
        self.kept |= {other: kept for other in TICKETS if self.kept.get(other) == number}
        self.kept[number] = kept

    def followers(self, number: int) -> dict[int, Reason]:
        found: dict[int, set[Reason]] = {}
        for (other, browser), reason in self.own.items():
            if other == number:
                found.setdefault(browser, set()).add(reason)
            elif self.kept.get(other) == number:
                is_weak = reason == Reason.FOLLOWED
                found.setdefault(browser, set()).add(reason if is_weak else Reason.ME_TOO)
        return {browser: min(reasons, key=list(Reason).index) for browser, reasons in found.items()}


def play(random: Random, tickets: list[Ticket], model: Model) -> None:
    """One step that the rules allow."""
    unresolved = [number for number in TICKETS if number not in model.kept]
    number, browser = random.choice(unresolved), random.choice(BROWSERS)
    by, ticket = with_browser(str(browser)), tickets[number]
    match random.choice(["merge", "merge", "undo", "undo", "me too", "follow"]):
        case "merge" if len(unresolved) > 1:
            kept = random.choice([other for other in unresolved if other != number])
            merge_ticket(ticket, into=tickets[kept], by=HELPDESK)
            model.merge(number, kept)
        case "undo" if model.kept:
            number = random.choice(list(model.kept))
            unmerge_ticket(tickets[number], by=HELPDESK, reason="Another problem")
            del model.kept[number]
        case "me too":
            say_me_too(ticket, by=by)
            model.choose(number, browser, Reason.ME_TOO)
        case "follow":
            follow(ticket, by=by, reason=Reason.FOLLOWED)
            model.choose(number, browser, Reason.FOLLOWED)


def read_followers(ticket: Ticket) -> dict[str, str]:
    return dict(Follower.objects.filter(ticket=ticket).values_list("browser", "reason"))


def expected(model: Model, number: int) -> dict[str, str]:
    return {with_browser(str(one)).browser: str(why) for one, why in model.followers(number).items()}


def unresolved(tickets: list[Ticket], model: Model) -> Iterator[tuple[int, Ticket]]:
    return ((number, ticket) for number, ticket in enumerate(tickets) if number not in model.kept)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_followers_and_count_are_those_of_the_model(seed):
    random, model = Random(seed), Model()
    tickets = [make_ticket(by=with_browser(str(number))) for number in TICKETS]
    for _ in range(STEPS):
        play(random, tickets, model)
        for number, ticket in unresolved(tickets, model):
            ticket.refresh_from_db()
            found = read_followers(ticket)
            assert found == expected(model, number)
            assert ticket.me_too == list(found.values()).count(Reason.ME_TOO)
