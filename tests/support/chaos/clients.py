"""Browsers and programs over real HTTP. Every method returns the response unchanged."""

import ssl
import time
from collections.abc import Callable
from uuid import uuid4

import httpx

from tests.support.chaos.programs import SECONDS, wait_until

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain http: reading all certificates is slow
NO_RESPONSE = (httpx.TransportError,)


class HelpdeskClient:
    """One browser session of one role, for one thread."""

    def __init__(self, url: str, role: str = "user", name: str = "", timeout: float = 30):
        self.url, self.role, self.name = url, role, name
        self.http = httpx.Client(base_url=url, timeout=timeout, headers={"Origin": url}, verify=NO_TLS)

    def enter(self) -> "HelpdeskClient":
        """Through the entrance, as a browser does."""
        self.http.get("/")
        answer = self.post("/enter/", role=self.role, name=self.name)
        assert answer.status_code == 302, answer.text
        return self

    @property
    def token(self) -> str:
        return self.http.cookies.get("csrftoken", "")

    def get(self, path: str, **options) -> httpx.Response:
        return self.http.get(path, **options)

    def post(self, path: str, **form: object) -> httpx.Response:
        """A form of a page."""
        return self.http.post(path, data={**form, "csrfmiddlewaretoken": self.token})

    def api(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """`path` below /api/v1/; headers as If_Match="3"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(
            method, f"/api/v1/{path}", json=body, headers={"X-CSRFToken": self.token} | named
        )

    def open(self, text: str, key: str = "", **location: str) -> httpx.Response:
        headers = {"Idempotency_Key": key} if key else {}
        return self.api("POST", "tickets/", {"description": text, **location}, **headers)

    def read(self, ticket: int) -> httpx.Response:
        return self.api("GET", f"tickets/{ticket}/")

    def edit(self, ticket: int, version: int | None, **changes: str) -> httpx.Response:
        headers = {} if version is None else {"If_Match": f'"{version}"'}
        return self.api("PATCH", f"tickets/{ticket}/", changes, **headers)

    def activate(self, ticket: int) -> httpx.Response:
        return self.api("POST", f"tickets/{ticket}/activate/")

    def close_ticket(self, ticket: int) -> httpx.Response:
        return self.api("POST", f"tickets/{ticket}/close/")

    def message(self, ticket: int, body: str, key: str = "", **fields: object) -> httpx.Response:
        headers = {"Idempotency_Key": key} if key else {}
        return self.api("POST", f"tickets/{ticket}/messages/", {"body": body, **fields}, **headers)

    def analyse(self, service: str = "active-by-category", **params: object) -> httpx.Response:
        return self.api("POST", "analyses/", {"service": service, **params})

    def analysis(self, uuid: str) -> httpx.Response:
        return self.api("GET", f"analyses/{uuid}/")

    def disconnect(self) -> None:
        self.http.close()


def retry_until_success(send: Callable[[], httpx.Response], seconds: float = SECONDS) -> httpx.Response:
    """Repeats the request with the same key while there is no response, a 5xx or a 429."""
    deadline = time.monotonic() + seconds
    while True:
        answer = None
        try:
            answer = send()
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
        except NO_RESPONSE as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"no response for {seconds} s: {error!r}") from error
        assert time.monotonic() < deadline, f"still {answer.status_code if answer else 'no response'}"
        time.sleep(0.1)


def wait_done(person: HelpdeskClient, analysis: str, seconds: float = SECONDS) -> None:
    """Polls until the analysis is done, also if a response contains no state."""
    wait_until(
        lambda: person.analysis(analysis).json().get("state") == "done", seconds, f"{analysis} is done"
    )


def new_key() -> str:
    return uuid4().hex
