"""Clients that write continuously until enough writes are acknowledged."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.chaos.clients import HelpdeskClient, new_key, retry_until_success
from tests.support.chaos.programs import SECONDS, wait_until
from tests.support.chaos.site import Site
from tests.support.chaos.write_log import WriteLog

STATUSES = {"open": "activate", "active": "close"}


class Writers:
    """`count` helpdesk clients, each in a thread; a failed write is repeated under its key."""

    def __init__(self, site: Site, write_log: WriteLog, count: int):
        self.site, self.write_log = site, write_log
        self.errors: list[BaseException] = []
        self.statuses: Counter[int] = Counter()  # of all responses, including repeated ones
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=[n], name=f"writer {n}") for n in range(count)
        ]

    @property
    def acked(self) -> int:
        return len(self.write_log.entries)

    @contextmanager
    def running(self) -> Iterator["Writers"]:
        """They write inside the block; the first error of a writer is raised at its end."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        if self.errors:
            raise self.errors[0]

    def wait(self, acked: int, seconds: float = SECONDS) -> None:
        """Waits until that many more writes were acknowledged."""
        goal = self.acked + acked
        what = f"{goal} writes are acknowledged, {self.acked} were at first"
        wait_until(lambda: self.acked >= goal or self.errors, seconds, what)

    def _write(self, number: int) -> None:
        try:
            person = HelpdeskClient(self.site.url, "helpdesk", f"Writer {number}", timeout=60)
            person.http.event_hooks["response"] = [lambda a: self.statuses.update([a.status_code])]
            retry_until_success(lambda: person.get("/"))
            retry_until_success(lambda: person.post("/enter/", role="helpdesk", name=person.name))
            rng, ticket = random.Random(number), None
            while not self._stop.is_set():
                ticket = self._step(person, rng, ticket)
        except BaseException as error:  # raised again by the main thread
            self.errors.append(error)

    def _step(self, person: HelpdeskClient, rng: random.Random, ticket: dict | None) -> dict | None:
        """One write; returns the ticket to continue with."""
        text, key = f"The lamp of {person.name} flickers, {new_key()}", new_key()
        if ticket is None or rng.random() < 0.3:
            answer = retry_until_success(lambda: person.open(text, key=key))
            return answer.json() if self.write_log.record("open", answer) else None
        pk = ticket["id"]
        if rng.random() < 0.4:
            self.write_log.record("message", retry_until_success(lambda: person.message(pk, text, key=key)))
            return ticket
        if rng.random() < 0.6:
            version = ticket["version"]
            answer = retry_until_success(lambda: person.edit(pk, version, description=text))
            is_recorded = self.write_log.record("edit", answer)
        else:
            verb = STATUSES[ticket["status"]]
            answer = retry_until_success(
                lambda: person.activate(pk) if verb == "activate" else person.close_ticket(pk)
            )
            is_recorded = self.write_log.record(verb, answer)
        # A 409 or 412 may come from this client's own write, whose response was lost: read the current state.
        now = answer.json() if is_recorded else retry_until_success(lambda: person.read(pk)).json()
        return None if now["status"] == "closed" else now
