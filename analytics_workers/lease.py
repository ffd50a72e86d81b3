"""Keeps the lease of a running attempt, and notices when the helpdesk has ended it."""

import logging
import threading
import time
from contextvars import copy_context
from typing import Self

from analytics_workers.helpdesk_api import AttemptLost, HelpdeskApi, HelpdeskApiError

log = logging.getLogger(__name__)

RENEW_SECONDS = 5
MAX_RENEWAL_SECONDS = 15
REPORT_SECONDS = 1


class Lease:
    """Within `with`, a thread renews the lease every five seconds; `enter` reports the next phase at once.

    An API that does not respond is no reason to stop: the lease outlives three missed renewals.
    """

    def __init__(self, api: HelpdeskApi, analysis: str, attempt: int, seconds: float = RENEW_SECONDS) -> None:
        self._api, self._analysis, self._attempt, self._seconds = api, analysis, attempt, seconds
        self._phase = "fetching"
        self._percent: int | None = None
        self._reported_at = 0.0
        self._is_lost = False
        self._has_ended = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._renew_until_end,), name="lease", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Waits for a renewal in progress: the client may be closed afterwards."""
        self._has_ended.set()
        self._thread.join(timeout=MAX_RENEWAL_SECONDS)

    def enter(self, phase: str) -> None:
        """Raises AttemptLost, also if the thread has noticed it."""
        self._phase, self._percent = phase, None
        self._report_now()

    def report_percent(self, percent: int) -> None:
        """Reports the progress of the phase, at most once a second. Raises AttemptLost like `enter`."""
        self._percent = percent
        if time.monotonic() - self._reported_at >= REPORT_SECONDS:
            self._report_now()

    def _report_now(self) -> None:
        self._reported_at = time.monotonic()
        self._renew()
        if self._is_lost:
            raise AttemptLost("The attempt has ended, or another one is running.")

    def _renew_until_end(self) -> None:
        while not self._has_ended.wait(self._seconds) and not self._is_lost:
            self._renew()

    def _renew(self) -> None:
        try:
            self._api.report_progress(self._analysis, self._attempt, self._phase, self._percent)
        except AttemptLost:
            self._is_lost = True
        except HelpdeskApiError as error:
            log.warning("analysis %s attempt %s: lease not renewed: %s", self._analysis, self._attempt, error)
