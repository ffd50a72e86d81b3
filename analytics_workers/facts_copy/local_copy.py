"""The facts of a helpdesk as one local file, brought up to date with what has changed since.

Every analysis asks the helpdesk for the changes after the copy's token, so the copy saves time and decides
nothing: it is rebuilt if it is missing or damaged, belongs to another database, or differs in count or
checksum from the helpdesk's. Those are compared when a process starts and every hour.

The file is written when enough has changed; until then each analysis fetches the few changes since its token
again.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import httpx

from analytics_workers.facts_copy.checksum import sum_columns
from analytics_workers.facts_copy.copy_file import Copy, CopyFile
from analytics_workers.frames import (
    FIELDS,
    Columns,
    Facts,
    FactsUnreadable,
    make_frame,
    merge_columns,
    read_columns,
    read_moment,
)
from analytics_workers.helpdesk_api import HelpdeskApi

log = logging.getLogger(__name__)

COMPARE_EVERY = 3600
ENOUGH = 100  # one ticket of this many

TellPercent = Callable[[int], None]


@dataclass(frozen=True)
class Answer:
    """What the helpdesk sent: all facts, or those that changed."""

    columns: Columns
    source: str
    token: int
    as_of: datetime
    checksum: str


class LocalCopy:
    """One process's view of it; the others on this machine have the same file."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self._file = CopyFile(folder, hashlib.sha256(api_url.encode()).hexdigest()[:12])
        self._has_compared = False

    def read_facts(self, api: HelpdeskApi, tell: TellPercent) -> Facts:
        """The helpdesk's facts of this moment. Raises FactsUnreadable, HelpdeskApiError."""
        with self._file.take_turn() as may_write:
            kept = self._file.read()
            answer = fetch(api, kept, tell, is_due=self._is_due(kept))
            copy = follow(kept, answer) if kept else None
            if copy is None:
                answer = fetch(api, None, tell) if kept else answer
                copy = Copy(answer.columns, answer.source, answer.token, time.time())
            self._has_compared = True
            if may_write and (answer.checksum or ENOUGH * len(answer.columns) >= len(copy.columns)):
                self._file.write(copy)
        return Facts(make_frame(copy.columns), answer.as_of)

    def _is_due(self, kept: Copy | None) -> bool:
        """Whether count and checksum are to be compared; also if the clock was set back."""
        if kept is None:
            return False
        return not (self._has_compared and 0 <= time.time() - kept.compared_at <= COMPARE_EVERY)


def fetch(api: HelpdeskApi, kept: Copy | None, tell: TellPercent, *, is_due: bool = False) -> Answer:
    query = {"fields": ",".join(FIELDS)}
    if kept:
        query["changed_after"] = str(kept.token)
    if is_due:
        query["with_checksum"] = "true"
    return api.fetch_facts(query, lambda headers, stream: read_answer(headers, stream, tell))


def read_answer(headers: httpx.Headers, stream: IO[bytes], tell: TellPercent) -> Answer:
    """Raises FactsUnreadable."""
    try:
        source, token, count = headers["X-Source"], int(headers["X-Change-Token"]), int(headers["X-Count"])
        as_of = read_moment(headers["X-As-Of"])
    except (KeyError, ValueError):
        raise FactsUnreadable("The facts lack their headers.") from None
    columns = read_columns(stream, count, lambda rows: tell(100 * rows // max(count, 1)))
    return Answer(columns, source, token, as_of, headers.get("X-Checksum", ""))


def follow(kept: Copy, answer: Answer) -> Copy | None:
    """The copy with the changes applied. None if it cannot continue from there: another database, an old
    token, or numbers that differ from the helpdesk's."""
    if answer.source != kept.source or answer.token < kept.token:
        log.info("the facts come from another source: rebuilding the copy")
        return None
    columns = merge_columns(kept.columns, answer.columns)
    if answer.checksum and sum_columns(columns) != answer.checksum:
        log.warning("the copy of the facts differs from the helpdesk's: rebuilding it")
        return None
    return Copy(columns, kept.source, answer.token, time.time() if answer.checksum else kept.compared_at)
