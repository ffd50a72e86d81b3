"""The workers' only HTTP client: the helpdesk's API, with short-lived tokens made here.

Its errors contain no token, and each text can be shown to a person:

    HelpdeskApiError
      AttemptLost   409: cancelled, or another attempt is running
      Unavailable   no connection, timeout, 429 or 5xx: a retry makes sense
      Unexpected    any other response: another status, type or shape than agreed
        StartUnreadable  the analysis was started, but its request cannot be read
"""

import io
import time
from collections.abc import Callable, Iterator
from typing import IO, Any, Self, TypeVar

import httpx
import jwt

from analytics_workers.settings import Settings
from common.analysis_messages import AnalysisRequest, AnalysisResult, parts_sha256
from common.json_logging import REQUEST_ID_HEADER, request_id
from common.service_keys import key_id

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
TOKEN_SECONDS = 60
TIMEOUT = httpx.Timeout(10, connect=3)
TRIES = 3
RETRY_PAUSE_SECONDS = 0.5
MAX_RESPONSE_BYTES = 1024 * 1024
MAX_FACTS = 256 * 1024 * 1024
MAX_UPLOAD = 8 * 1024 * 1024 - 4096  # the route accepts 8 MiB, including the headers of the parts
MAX_REASON = 300
CHUNK_BYTES = 1 << 18
TLS = httpx.create_ssl_context()  # once: it reads all trusted certificates

Read = TypeVar("Read")


class HelpdeskApiError(Exception):
    """Something went wrong between the worker and the helpdesk's API."""


class AttemptLost(HelpdeskApiError):
    pass


class Unavailable(HelpdeskApiError):
    pass


class Unexpected(HelpdeskApiError):
    pass


class StartUnreadable(Unexpected):
    pass


class HelpdeskApi:
    """One client for one analysis at a time; usable from several threads; `with` closes it."""

    def __init__(self, settings: Settings, *, timeout: httpx.Timeout = TIMEOUT, tries: int = TRIES) -> None:
        self._key, self._tries = settings.service_key, tries
        self._client = httpx.Client(
            base_url=settings.api_url, timeout=timeout, trust_env=False, follow_redirects=False, verify=TLS
        )
        self._client.headers[REQUEST_ID_HEADER] = request_id.get()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()

    def start(self, analysis: str, attempt: int) -> AnalysisRequest:
        """Starts the attempt. Raises AttemptLost if another worker has it."""
        response = self._try(lambda: self._post(analysis, "start", read_whole, json={"attempt": attempt}))
        try:
            return AnalysisRequest.from_json(response)
        except ValueError as error:
            raise StartUnreadable(f"The request cannot be read by this worker: {error}.") from None

    def report_progress(self, analysis: str, attempt: int, phase: str, percent: int | None = None) -> None:
        """Renews the lease. Raises AttemptLost."""
        known = {} if percent is None else {"percent": percent}
        self._post(analysis, "progress", read_nothing, json={"attempt": attempt, "phase": phase, **known})

    def fetch_facts(self, query: dict[str, str], read: Callable[[httpx.Headers, IO[bytes]], Read]) -> Read:
        """What `read` makes of the facts' headers and their Arrow stream while it arrives; if the connection
        breaks it is called again with another one."""

        def read_arrow(response: httpx.Response) -> Read:
            if response.headers.get("Content-Type", "").partition(";")[0].strip() != ARROW:
                raise Unexpected("The helpdesk's facts are not an Arrow stream.")
            body = io.BufferedReader(Body(read_within(response, MAX_FACTS)), CHUNK_BYTES)
            return read(response.headers, body)

        headers = {"Accept": ARROW, "Authorization": f"Bearer {self._token('tickets:read')}"}
        return self._try(lambda: self._send("GET", "facts/", read_arrow, headers=headers, params=query))

    def send_result(
        self, analysis: str, attempt: int, result: AnalysisResult, svg: bytes, png: bytes
    ) -> None:
        """The result is sent as a file, because plain form fields may be far smaller. A checksum of the parts
        shows what was damaged in transit."""
        files = {
            "result": ("result.json", result.to_json().encode(), JSON),
            "svg": ("chart.svg", svg, "image/svg+xml"),
            "png": ("chart.png", png, "image/png"),
        }
        if sum(len(content) for _, content, _ in files.values()) > MAX_UPLOAD:
            raise Unexpected("The result is larger than the helpdesk accepts.")
        fields = {"attempt": str(attempt), "sha256": parts_sha256(*(part[1] for part in files.values()))}
        self._try(lambda: self._post(analysis, "result", read_nothing, data=fields, files=files))

    def report_failure(self, analysis: str, attempt: int, reason: str, *, retry: bool) -> None:
        body = {"attempt": attempt, "reason": reason[:MAX_REASON], "retry": retry}
        self._try(lambda: self._post(analysis, "failure", read_nothing, json=body))

    def _try(self, call: Callable[[], Read]) -> Read:
        """A few quick attempts while the API is unavailable; every call here is safe to repeat."""
        for _ in range(self._tries - 1):
            try:
                return call()
            except Unavailable:
                time.sleep(RETRY_PAUSE_SECONDS)
        return call()

    def _post(self, analysis: str, verb: str, read: Callable[[httpx.Response], Read], **body: Any) -> Read:
        token = self._token("analysis:write", analysis=analysis)
        headers = {"Accept": JSON, "Authorization": f"Bearer {token}"}
        return self._send("POST", f"analyses/{analysis}/{verb}/", read, headers=headers, **body)

    def _send(self, method: str, path: str, read: Callable[[httpx.Response], Read], **parts: Any) -> Read:
        try:
            with self._client.stream(method, path, **parts) as response:
                check_status(response.status_code)
                return read(response)
        except httpx.TimeoutException:
            raise Unavailable("The helpdesk's API did not respond in time.") from None
        except httpx.TransportError as error:
            raise Unavailable(f"The helpdesk's API could not be reached ({type(error).__name__}).") from None
        except httpx.DecodingError:
            raise Unexpected("The helpdesk's API sent a response that cannot be decoded.") from None

    def _token(self, scope: str, **claims: str) -> str:
        now = int(time.time())
        claims |= {"iss": "analytics-worker", "aud": "campus-helpdesk", "role": "helpdesk", "scope": scope}
        times = {"iat": now, "exp": now + TOKEN_SECONDS}
        return jwt.encode(claims | times, self._key, algorithm="HS256", headers={"kid": key_id(self._key)})


def check_status(status: int) -> None:
    """Accepts 200 and 204; raises HelpdeskApiError for every other status, redirects included."""
    if status in (200, 204):
        return
    if status == 409:
        raise AttemptLost("The attempt has ended, or another one is running.")
    if status == 429 or status >= 500:
        raise Unavailable(f"The helpdesk's API is not available (status {status}).")
    raise Unexpected(f"The helpdesk's API refused the request (status {status}).")


def read_whole(response: httpx.Response) -> bytes:
    return b"".join(read_within(response, MAX_RESPONSE_BYTES))


def read_nothing(response: httpx.Response) -> None:
    """A report that arrived is answered with 204. A page that a proxy puts in the way is a 200, and the
    report is lost. Raises Unexpected."""
    if response.status_code != 204:
        kind = response.headers.get("Content-Type", "no type").partition(";")[0][:60]
        raise Unexpected(
            f"Something other than the helpdesk's API answered (status {response.status_code}, {kind})."
        )


def read_within(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """The decoded body, piece by piece; raises Unexpected once it grows beyond `limit` bytes."""
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > limit:
            raise Unexpected("The helpdesk's API sent a response that is too large.")
        yield chunk


class Body(io.RawIOBase):
    """Pieces as a file that is read while they arrive."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = filter(None, pieces), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        chunk, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)
