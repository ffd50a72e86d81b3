"""People who write continuously until enough writes were acknowledged."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.chaos.clients import HelpdeskClient, insist, new_key
from tests.support.chaos.ledger import Ledger
from tests.support.chaos.programs import SECONDS, wait_until
from tests.support.chaos.site import Site

STATUSES = {"open": "activate", "active": "close"}


class Writers:
    """`count` people of the helpdesk, each in a thread; a failed write is repeated under its key."""

    def __init__(self, site: Site, ledger: Ledger, count: int):
        self.site, self.ledger = site, ledger
        self.faults: list[BaseException] = []
        self.statuses: Counter[int] = Counter()  # of all responses, including repeated ones
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=[n], name=f"writer {n}") for n in range(count)
        ]

    @property
    def acked(self) -> int:
        return len(self.ledger.entries)

    @contextmanager
    def at_work(self) -> Iterator["Writers"]:
        """They write inside the block; a writer's failure is raised at its end."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        if self.faults:
            raise self.faults[0]

    def wait(self, acked: int, seconds: float = SECONDS) -> None:
        """Waits until that many more writes were acknowledged."""
        goal = self.acked + acked
        wait_until(lambda: self.acked >= goal or self.faults, seconds, f"{goal} writes, {self.acked} are")

    def _write(self, number: int) -> None:
        try:
            person = HelpdeskClient(self.site.url, "helpdesk", f"Writer {number}", timeout=60)
            person.http.event_hooks["response"] = [lambda a: self.statuses.update([a.status_code])]
            insist(lambda: person.get("/"))
            insist(lambda: person.post("/enter/", role="helpdesk", name=person.name))
            dice, ticket = random.Random(number), None
            while not self._stop.is_set():
                ticket = self._step(person, dice, ticket)
        except BaseException as fault:  # raised by the thread that waits for us
            self.faults.append(fault)

    def _step(self, person: HelpdeskClient, dice: random.Random, ticket: dict | None) -> dict | None:
        """One write; returns the ticket to continue with."""
        text, key = f"The lamp of {person.name} flickers, {new_key()}", new_key()
        if ticket is None or dice.random() < 0.3:
            answer = insist(lambda: person.open(text, key=key))
            return answer.json() if self.ledger.note("open", answer) else None
        pk = ticket["id"]
        if dice.random() < 0.4:
            self.ledger.note("message", insist(lambda: person.message(pk, text, key=key)))
            return ticket
        if dice.random() < 0.6:
            version = ticket["version"]
            answer = insist(lambda: person.edit(pk, version, description=text))
            told = self.ledger.note("edit", answer)
        else:
            verb = STATUSES[ticket["status"]]
            answer = insist(lambda: person.activate(pk) if verb == "activate" else person.close_ticket(pk))
            told = self.ledger.note(verb, answer)
        # A 409 or 412 may be our own write, whose response was lost: continue with what is stored now.
        now = answer.json() if told else insist(lambda: person.read(pk)).json()
        return None if now["status"] == "closed" else now
