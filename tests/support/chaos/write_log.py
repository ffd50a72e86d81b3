"""Records acknowledged writes and compares them with the database."""

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass

import httpx

from tests.support.chaos.site import Site


@dataclass(frozen=True)
class Entry:
    """`operation`: open, edit, activate, close or message. `text` is its hash if one was written."""

    operation: str
    id: int
    ticket: int
    version: int = 0
    text: str = ""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class WriteLog:
    """Every write needs its own text, so that duplicates can be recognised."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.worst_ms = 0.0
        self.stuck = 0
        self._lock = threading.Lock()

    def record(self, operation: str, answer: httpx.Response) -> bool:
        """Records the response if it is a 2xx; returns whether it is."""
        with self._lock:
            self.worst_ms = max(self.worst_ms, answer.elapsed.total_seconds() * 1000)
            if not answer.is_success:
                return False
            row = answer.json()
            if operation == "message":
                entry = Entry(operation, row["id"], row["ticket"], text=digest(row["body"]))
            else:
                entry = Entry(operation, row["id"], row["id"], row["version"], digest(row["description"]))
            self.entries.append(entry)
            return True

    def lost(self, site: Site) -> list[Entry]:
        """Acknowledged writes that are not in the database, or with another text."""
        events = {
            (ticket, version): (status, digest(text))
            for ticket, version, status, text in site.query(
                "SELECT pgh_obj_id, version, status, description FROM tickets_ticketevent"
            )
        }
        tickets = {pk for (pk,) in site.query("SELECT id FROM tickets_ticket")}
        messages = {
            (pk, ticket, digest(body))
            for pk, ticket, body in site.query("SELECT id, ticket_id, body FROM messaging_message")
        }
        statuses = {"open": "open", "activate": "active", "close": "closed"}

        def is_there(entry: Entry) -> bool:
            if entry.operation == "message":
                return (entry.id, entry.ticket, entry.text) in messages
            status, text = events.get((entry.ticket, entry.version), ("", ""))
            is_status = status == statuses.get(entry.operation, status)
            return entry.ticket in tickets and bool(status) and is_status and text == entry.text

        return [entry for entry in self.entries if not is_there(entry)]

    def duplicated(self, site: Site) -> list[str]:
        """Texts that were stored more than once."""
        opened = site.query("SELECT description FROM tickets_ticketevent WHERE verb = 'opened'")
        sent = site.query("SELECT body FROM messaging_message")
        return [text for (text,), times in Counter(opened + sent).items() if times > 1]

    def print_summary(self, site: Site) -> str:
        """Prints and returns one line."""
        line = (
            f"kills={site.kills} acked={len(self.entries)} lost={len(self.lost(site))} "
            f"dup={len(self.duplicated(site))} stuck={self.stuck} worst_ms={self.worst_ms:.0f}"
        )
        print(line)
        return line
