"""Real gunicorn, one process with four threads, with clients that are slow, stop half-way or never close."""

import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.site_socket import SiteSocket
from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.processes import wait_until

QUICK = "tests.support.quick_worker.QuickWorker"
GUNICORN = "deploy/gunicorn.py"
with patch.dict(os.environ):  # or every other test would look for its counters in files
    THREADS = runpy.run_path(str(ROOT / GUNICORN))["threads"]
MANY = 3 * THREADS
HALF_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: "
HALF_BODY = b"POST /enter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nrole"
HALF_CHUNK = b"POST /enter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nrole"
FORM = b"POST /enter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Web:
    """One process of the site; its database is a port on which somebody listens and never answers."""

    def __init__(self, log: Path, deaf: int):
        self.site = SiteSocket(free_port())
        environment = os.environ | {
            "DATABASE_URL": f"postgres://x@127.0.0.1:{deaf}/none",
            "REDIS_URL": f"redis://127.0.0.1:{deaf}/0",
            "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            GUNICORN,
        ]
        number = self.site.fileno()
        command += ["--workers", "1", "--worker-class", QUICK, "--bind", f"fd://{number}"]
        with log.open("wb") as output:
            self.process = process.spawn(command, env=environment, output=output, cwd=ROOT, keep=(number,))

    def get(self, path: str, **options) -> httpx.Response:
        return httpx.get(self.site.address.rstrip("/") + path, timeout=20, trust_env=False, **options)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.site.port), 20)

    @contextmanager
    def held(self, *sent: bytes) -> Iterator[list[socket.socket]]:
        """Clients that have sent part of a request and stay connected."""
        with ExitStack() as stack:
            visitors = [stack.enter_context(self.connect()) for _ in range(MANY)]
            for number, visitor in enumerate(visitors):
                visitor.sendall(sent[number % len(sent)])
            yield visitors


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Iterator[Web]:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(64)
        web = Web(tmp_path_factory.mktemp("web") / "log", deaf.getsockname()[1])
        try:
            wait_until(lambda: web.site.readiness()["status"] != "no answer", 60)
            yield web
        finally:
            process.end(web.process, signal.SIGTERM, 10)
            web.site.close()


def read_all(visitor: socket.socket) -> bytes:
    received = b""
    while more := visitor.recv(65536):
        received += more
    return received


def seconds_of(web: Web, path: str) -> float:
    began = time.monotonic()
    assert web.get(path).status_code in (200, 503)
    return time.monotonic() - began


@pytest.mark.parametrize("half", [b"", HALF_HEAD, HALF_BODY, HALF_CHUNK])
def test_incomplete_requests_block_no_others_and_end_in_time(web, half):
    web.get("/")
    began = time.monotonic()
    with web.held(half) as visitors:
        assert seconds_of(web, "/") < 1
        answers = [read_all(visitor) for visitor in visitors]
    assert time.monotonic() - began < 5
    assert {answer.partition(b"\r\n")[0] for answer in answers} == {
        b"HTTP/1.1 408 Request Timeout" if half else b""
    }


def test_clients_that_do_not_close_block_no_others(web):
    good, bad = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"NONSENSE\r\n\r\n"
    with web.held(good, bad) as visitors:
        assert all(visitor.recv(4096).startswith(b"HTTP/1.1") for visitor in visitors)
        assert seconds_of(web, "/") < 1


@pytest.mark.parametrize("head", [b"Content-Length: 9\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_slow_form_is_read_completely(web, head):
    parts = [b"role", b"=none"] if b"Length" in head else [b"4\r\nrole\r\n5\r", b"\n=none\r\n0\r\n", b"\r\n"]
    with web.connect() as visitor:
        for part in (FORM, head[:5], head[5:], *parts):
            visitor.sendall(part)
            time.sleep(0.05)
        assert b"403 Forbidden" in read_all(visitor)  # the form came without its token


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", b"role=none"),
        (b"expect:100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n", b"9\r\nrole=none\r\n0\r\n\r\n"),
    ],
)
def test_client_that_expects_100_continue_gets_it_once(web, head, body):
    with web.connect() as visitor:
        visitor.sendall(FORM + head)
        assert visitor.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        visitor.sendall(body)
        assert read_all(visitor).startswith(b"HTTP/1.1 403 Forbidden")  # the form came without its token


def test_body_that_never_arrives_is_ended_in_time(web):
    with web.connect() as visitor:
        visitor.sendall(FORM + b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        answers = read_all(visitor).split(b"\r\n\r\n")
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 408 Request Timeout",
        b"",
    ]


def test_body_over_the_limit_is_refused_before_it_is_sent(web):
    with web.connect() as visitor:
        visitor.sendall(FORM + b"Content-Length: 300000\r\n\r\nrole")
        assert b"413 Request Entity Too Large" in read_all(visitor).replace(
            b"Content Too", b"Request Entity Too"
        )


UPLOAD = (
    b"POST /tickets/new/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
)
PHOTO = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n' + b"x" * 5_000_000


def test_photos_that_arrive_slowly_block_no_others(web):
    """More of them than threads; each is served when it is complete."""
    head = UPLOAD + f"Content-Length: {len(PHOTO) + 9}\r\n\r\n".encode()
    with web.held(head + PHOTO) as visitors:
        assert seconds_of(web, "/") < 2
        visitors[0].sendall(b"\r\n--b--\r\n")
        assert b"403 Forbidden" in read_all(visitors[0])  # the form came without its token
        assert seconds_of(web, "/") < 2


def test_endless_headers_are_refused(web):
    with web.connect() as visitor:
        visitor.sendall(HALF_HEAD + b"x" * 140_000)
        assert read_all(visitor).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("address", ["/tickets/", "/api/v1/tickets/"])
@pytest.mark.parametrize("size", [9_000, 60_000])
def test_too_many_cookies_get_a_page_of_the_site(web, address, size):
    answer = web.get(address, headers={"Cookie": f"elsewhere={'x' * size}"})
    assert answer.status_code == 431
    assert "X-Request-ID" in answer.headers
    assert "Delete the cookies of this site" in answer.text


def test_url_that_is_too_long_gets_a_page_of_the_site(web):
    answer = web.get(f"/tickets/?q={'x' * 40_000}")
    assert answer.status_code == 414
    assert "X-Request-ID" in answer.headers
    assert web.get(f"/healthz?{'x' * 30_000}").status_code == 200


def test_monitoring_is_served_while_all_threads_wait_for_the_database(web):
    request = b"GET /tickets/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=" + b"a" * 32 + b"\r\n\r\n"
    with web.held(request):
        took = {path: seconds_of(web, path) for path in ("/readyz", "/healthz", "/metrics", "/readyz")}
    assert max(took.values()) < 2, took


def test_many_monitoring_requests_are_served_in_time(web):
    with web.held(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as visitors:
        began = time.monotonic()
        assert all(read_all(visitor).startswith(b"HTTP/1.1 503") for visitor in visitors)
        assert time.monotonic() - began < 2


def ask_with_small_buffers(web: Web, visitor: socket.socket) -> bytes:
    """Requests a response larger than all buffers in between. Returns what it should be."""
    script = "/static/admin/js/vendor/xregexp/xregexp.js"
    answer = web.get(script)
    assert answer.status_code == 200
    assert len(answer.content) > 300_000
    with socket.socket(fileno=os.dup(web.site.fileno())) as listener:  # whoever comes gets its buffer
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    visitor.connect(("127.0.0.1", web.site.port))
    visitor.sendall(f"GET {script} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return answer.content


def test_response_that_is_read_slowly_arrives_completely(web):
    """It takes longer than the limit for a response that is not read at all."""
    with socket.socket() as visitor:
        whole = ask_with_small_buffers(web, visitor)
        received, began = b"", time.monotonic()
        while more := visitor.recv(8192):
            received += more
            time.sleep(max(0.0, began + 4.5 * len(received) / len(whole) - time.monotonic()))
    assert received.partition(b"\r\n\r\n")[2] == whole


def test_client_that_reads_nothing_is_ended_in_time(web):
    """More of them than threads."""
    with ExitStack() as stack:
        for _ in range(THREADS):
            ask_with_small_buffers(web, stack.enter_context(socket.socket()))
        wait_until(lambda: web.get("/").status_code == 200, 10)
