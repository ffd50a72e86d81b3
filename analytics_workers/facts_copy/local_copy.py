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
    FactColumns,
    Facts,
    FactsUnreadable,
    make_frame,
    merge_columns,
    read_columns,
    read_moment,
)
from analytics_workers.helpdesk_api import HelpdeskApi

log = logging.getLogger(__name__)

COMPARE_EVERY = 3600  # seconds
REWRITE_SHARE = 100  # the file is rewritten once one ticket in this many has changed

ReportPercent = Callable[[int], None]


@dataclass(frozen=True)
class FactsResponse:
    """What the helpdesk sent: all facts, or those that changed."""

    columns: FactColumns
    source: str
    token: int
    as_of: datetime
    checksum: str


class LocalCopy:
    """One process's view of the copy; all processes on this machine share the file."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self._file = CopyFile(folder, hashlib.sha256(api_url.encode()).hexdigest()[:12])
        self._has_compared = False

    def read_facts(self, api: HelpdeskApi, report_percent: ReportPercent) -> Facts:
        """The helpdesk's current facts. Raises FactsUnreadable, HelpdeskApiError."""
        with self._file.lock() as may_write:
            stored = self._file.read()
            response = fetch(api, stored, report_percent, is_due=self._is_due(stored))
            copy = apply_changes(stored, response) if stored else None
            if copy is None:
                response = fetch(api, None, report_percent) if stored else response
                copy = Copy(response.columns, response.source, response.token, time.time())
            self._has_compared = True
            if may_write and (
                response.checksum or REWRITE_SHARE * len(response.columns) >= len(copy.columns)
            ):
                self._file.write(copy)
        return Facts(make_frame(copy.columns), response.as_of)

    def _is_due(self, stored: Copy | None) -> bool:
        """Whether count and checksum are to be compared; also if the clock was set back."""
        if stored is None:
            return False
        return not (self._has_compared and 0 <= time.time() - stored.compared_at <= COMPARE_EVERY)


def fetch(
    api: HelpdeskApi, stored: Copy | None, report_percent: ReportPercent, *, is_due: bool = False
) -> FactsResponse:
    query = {"fields": ",".join(FIELDS)}
    if stored:
        query["changed_after"] = str(stored.token)
    if is_due:
        query["with_checksum"] = "true"
    return api.fetch_facts(query, lambda headers, stream: read_response(headers, stream, report_percent))


def read_response(headers: httpx.Headers, stream: IO[bytes], report_percent: ReportPercent) -> FactsResponse:
    """Raises FactsUnreadable."""
    try:
        source, token, count = headers["X-Source"], int(headers["X-Change-Token"]), int(headers["X-Count"])
        as_of = read_moment(headers["X-As-Of"])
    except (KeyError, ValueError):
        raise FactsUnreadable("The facts lack their headers.") from None
    columns = read_columns(stream, count, lambda rows: report_percent(100 * rows // max(count, 1)))
    return FactsResponse(columns, source, token, as_of, headers.get("X-Checksum", ""))


def apply_changes(stored: Copy, response: FactsResponse) -> Copy | None:
    """The copy with the changes applied. None if it cannot continue from there: another database, an old
    token, or numbers that differ from the helpdesk's."""
    if response.source != stored.source or response.token < stored.token:
        log.info("the facts come from another source: rebuilding the copy")
        return None
    columns = merge_columns(stored.columns, response.columns)
    if response.checksum and sum_columns(columns) != response.checksum:
        log.warning("the copy of the facts differs from the helpdesk's: rebuilding it")
        return None
    return Copy(
        columns, stored.source, response.token, time.time() if response.checksum else stored.compared_at
    )
