"""Many clients do the same thing at the same time, over real HTTP and several web processes."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from html import unescape

import pytest

from tests.support.chaos.clients import HelpdeskClient, new_key
from tests.support.chaos.directories import make_directory
from tests.support.chaos.load import clone_session, enter_all, race
from tests.support.chaos.site import Site

pytestmark = pytest.mark.fault_fast
WON = {200, 302}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Web, database and broker with two web processes; no limits."""
    with closing(Site(make_directory())) as site:
        site.start("database", "broker", "web")
        yield site


@pytest.fixture(scope="module")
def helpdesks(site) -> list[HelpdeskClient]:
    """Eight people of the helpdesk, each with their own session."""
    return enter_all(site.url, 8, "helpdesk")


def open_tickets(clients: list[HelpdeskClient], count: int) -> list[int]:
    texts = [
        [f"The tap in room {n} drips" for n in range(count)][i :: len(clients)] for i in range(len(clients))
    ]
    rounds = race([[lambda p=p, t=t: p.open(t) for t in own] for p, own in zip(clients, texts, strict=True)])
    return [answer.json()["id"] for answers in rounds for answer in answers]


def activate(person: HelpdeskClient, ticket: int, is_form: bool):
    return person.post(f"/desk/tickets/{ticket}/activate/") if is_form else person.activate(ticket)


def test_one_winner_of_each_move(site, helpdesks, figures, amount):
    tickets = open_tickets(helpdesks, amount(24, 1000))
    rounds = race(
        [
            [lambda p=p, t=t, f=index % 2: activate(p, t, f) for t in tickets]
            for index, p in enumerate(helpdesks)
        ]
    )
    programs = [Counter(answer.status_code for answer in answers[::2]) for answers in rounds]
    pages = Counter(answer.status_code for answers in rounds for answer in answers[1::2])
    history = site.query(
        "SELECT pgh_obj_id FROM tickets_ticketevent WHERE verb = 'activated' AND pgh_obj_id = ANY(%s)",
        tickets,
    )
    races, winners = len(tickets), len(set(history))
    right = sum(count in ({200: 1, 409: 3}, {409: 4}) for count in programs)
    losers, won = sum(count[409] for count in programs), sum(count[200] for count in programs)
    figures.record(
        "one_winner",
        f"winners of {races:,} moves by 8 people",
        winners,
        goal=f"{races}",
        is_met=winners == races,
    )
    figures.record(
        "one_winner",
        "moves with one winner at most by API, else 409",
        right,
        goal=f"{races}",
        is_met=right == races,
    )
    figures.record(
        "one_winner",
        "losers by API that got 409",
        losers,
        goal=f"{4 * races - won}",
        is_met=losers == 4 * races - won,
    )
    figures.record(
        "one_winner",
        "forms redirected to the ticket",
        pages[302],
        goal=f"{4 * races}",
        is_met=pages[302] == 4 * races,
    )
    figures.record("one_winner", "history rows", len(history), goal=f"{races}", is_met=len(history) == races)


def edit(person: HelpdeskClient, ticket: int, version: int, text: str, is_form: bool):
    if is_form:
        return person.post(f"/desk/tickets/{ticket}/edit/", version=version, description=text)
    return person.edit(ticket, version, description=text)


def save_again(person: HelpdeskClient, ticket: int, page: str) -> bool:
    """Sends the conflict page's form unchanged, which proves that it contains everything needed."""
    version = re.search(r'name="version" value="(\d+)"', page)
    text = re.search(r'<textarea[^>]*name="description"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    if not (version and text):
        return False
    mine = unescape(text[1]).lstrip("\n")
    answer = person.post(f"/desk/tickets/{ticket}/edit/", version=version[1], description=mine)
    return answer.status_code == 302 and person.read(ticket).json()["description"] == mine


def test_no_overwrite_of_another_edit(site, helpdesks, figures, amount):
    """Each race has two clients: in turn API and API, form and API, API and form, form and form."""
    one, two = helpdesks[:2]
    tickets = open_tickets(helpdesks, amount(24, 504))
    forms = [(index & 1, index >> 1 & 1) for index in range(len(tickets))]
    texts = [(f"One writes <b>{t}</b> & more", f'Two writes "{t}" & more') for t in tickets]
    rounds = race(
        [
            [
                lambda p=p, t=t, f=f[i], x=x[i]: edit(p, t, 1, x, f)
                for t, f, x in zip(tickets, forms, texts, strict=True)
            ]
            for i, p in enumerate((one, two))
        ]
    )
    lost, both_texts, pages = 0, 0, 0
    for ticket, both, is_form, answers in zip(tickets, texts, forms, rounds, strict=True):
        won = [answer.status_code in WON for answer in answers]
        saved = one.read(ticket).json()
        is_saved = sum(won) == 1 and saved["version"] == 2 and saved["description"] == both[won.index(True)]
        lost += not (is_saved and answers[won.index(False)].status_code == 412)
        if is_saved and is_form[loser := won.index(False)]:
            page = answers[loser].text
            pages += 1
            is_shown = all(text in unescape(page) for text in both)
            both_texts += is_shown and save_again((one, two)[loser], ticket, page)
    races = len(tickets)
    figures.record(
        "no_overwrite", f"edits lost silently in {races} races of two", lost, goal="0", is_met=lost == 0
    )
    figures.record(
        "no_overwrite",
        "stale forms with both texts, saved with one click",
        both_texts,
        goal=f"{pages}",
        is_met=both_texts == pages > 0,
    )


def edits_without_version(person: HelpdeskClient, ticket: int) -> dict[str, int]:
    """The response of every route that edits, to an edit that names no version."""
    forms = {
        "portal:edit": (f"/tickets/{ticket}/edit/", {"description": "Changed"}),
        "desk:edit": (f"/desk/tickets/{ticket}/edit/", {"description": "Changed", "category": "it"}),
        "portal:category": (f"/tickets/{ticket}/category/", {"category": "it"}),
        "desk:category": (f"/desk/tickets/{ticket}/category/", {"category": "it"}),
    }
    answers = {name: person.post(path, **form).status_code for name, (path, form) in forms.items()}
    return answers | {"ticket-detail": person.edit(ticket, None, description="Changed").status_code}


def test_no_overwrite_because_every_route_that_edits_requires_the_version(site, helpdesks, figures):
    person = helpdesks[0]
    ticket = person.open("The lamp flickers").json()
    answers = edits_without_version(person, ticket["id"])
    repair = {name: ticket[name] for name in ("building", "room", "category", "status")}
    admin = person.post(
        f"/admin/tickets/ticket/{ticket['id']}/change/", **repair, description="x", reason="y"
    )
    is_refused = (
        admin.status_code == 200 and "This field is required" in admin.text
    )  # as Django refuses forms
    refused = sum(status == 428 for status in answers.values()) + is_refused
    routes = len(answers) + 1
    assert person.read(ticket["id"]).json() == ticket
    share = f"{refused} of {routes}"
    figures.record(
        "no_overwrite",
        "edit routes that refuse a missing version",
        share,
        goal="100 %",
        is_met=refused == routes,
    )


def report(person: HelpdeskClient, key: str, is_form: bool):
    if is_form:
        return person.post("/tickets/new/", description=f"Reported under {key}", key=key, again="1")
    return person.open(f"Reported under {key}", key=key)


def test_one_ticket_per_key_for_repeated_posts(site, figures, amount):
    tabs = clone_session(HelpdeskClient(site.url, "user", "Ursula").enter(), 20)
    keys = [new_key() for _ in range(amount(10, 200))]
    rounds = race(
        [[lambda p=p, k=k, f=index % 2: report(p, k, f) for index, k in enumerate(keys)] for p in tabs]
    )
    same = sum(len({ticket_number(answer) for answer in answers} - {""}) == 1 for answers in rounds)
    accepted = sum(ticket_number(answer) != "" for answers in rounds for answer in answers)
    stored = site.count("tickets_ticket WHERE description LIKE %s", "Reported under %")
    posts, wanted = 20 * len(keys), len(keys)
    figures.record(
        "one_ticket_per_key",
        f"tickets of {posts:,} posts under {wanted} keys",
        stored,
        goal=f"{wanted}",
        is_met=stored == wanted,
    )
    figures.record(
        "one_ticket_per_key",
        "posts that returned the ticket",
        accepted,
        goal=f"{posts}",
        is_met=accepted == posts,
    )
    figures.record(
        "one_ticket_per_key",
        "keys whose posts all got the same ticket",
        same,
        goal=f"{wanted}",
        is_met=same == wanted,
    )


def ticket_number(answer) -> str:
    """The number of the ticket that an accepted post returned, else empty."""
    if answer.status_code == 201:
        return str(answer.json()["id"])
    found = re.fullmatch(r"/tickets/(\d+)/sent/", answer.headers.get("Location", ""))
    return found[1] if answer.status_code == 302 and found else ""
