"""A small real HTTP server in a thread: the helpdesk's API as the workers see it.

It checks every token, stores what it receives, and can be set to fail for a path.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pyarrow as pa

from analytics_workers.helpdesk_api import ARROW

KEY = "a-key-of-32-or-more-different-letters"
CODED = ("category", "status", "building", "solved")
AS_OF = datetime(2026, 3, 15, 12, 0, 0, 250_000, tzinfo=UTC)

Answer = tuple[int, dict[str, str], bytes]


def make_stream(rows: list[tuple], *, as_dictionary: bool = False) -> bytes:
    """Rows of id, category, status, opened_at, closed_at as an Arrow stream; see `fill_in` for the rest."""
    moment = pa.timestamp("us", tz="UTC")
    kinds = {"id": pa.int64(), **dict.fromkeys(("category", "status"), pa.string())}
    kinds |= dict.fromkeys(("opened_at", "closed_at", "activated_at", "first_answered_at"), moment)
    kinds |= {"building": pa.string(), "solved": pa.string()}
    columns = list(zip(*map(fill_in, rows), strict=True)) or [()] * len(kinds)
    arrays = {
        name: pa.array(column, kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }
    if as_dictionary:
        arrays |= {name: arrays[name].dictionary_encode() for name in CODED}
    table, sink = pa.table(arrays), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def fill_in(row: tuple) -> tuple:
    """A row with all columns: by default a ticket was activated when it was opened, has no answer and no
    building, and its reporter has not said whether it is solved."""
    status, opened_at = row[2], row[3]
    return row + (None if status == "open" else opened_at, None, "", "")[len(row) - 5 :]


ROWS = [
    (1, "facility", "closed", AS_OF - timedelta(days=40), AS_OF - timedelta(days=39)),
    (2, "it", "closed", AS_OF - timedelta(days=3), AS_OF - timedelta(days=1)),
    (3, "it", "active", AS_OF - timedelta(days=2), None),
    (4, "services", "open", AS_OF - timedelta(hours=1), None),
]


@dataclass
class Api:
    """One analysis at the helpdesk; `fault` answers instead of it, by the last part of the path."""

    url: str = ""
    service: str = "unresolved"
    params: dict = field(default_factory=lambda: {"period": "7d"})
    time_zone: str = "Europe/Berlin"
    stream: bytes = field(default_factory=lambda: make_stream(ROWS))
    fault: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    calls: list[tuple[str, dict]] = field(default_factory=list)
    claims: list[dict] = field(default_factory=list)
    has_news: threading.Condition = field(default_factory=threading.Condition)

    def bodies(self, verb: str) -> list[dict]:
        return [body for name, body in self.calls if name == verb]

    def wait_for(self, verb: str, count: int = 1, seconds: float = 15) -> list[dict]:
        """The bodies sent to a path, once there are `count`; AssertionError if they do not arrive."""
        with self.has_news:
            has_come = self.has_news.wait_for(lambda: len(self.bodies(verb)) >= count, seconds)
        assert has_come, [name for name, _ in self.calls]
        return self.bodies(verb)

    def facts_headers(self) -> dict[str, str]:
        head = {"Content-Type": ARROW, "X-As-Of": "2026-03-15T12:00:00.25Z", "X-Source": "one"}
        rows = pa.ipc.open_stream(self.stream).read_all().num_rows
        return head | {"X-Change-Token": "1000", "X-Count": str(rows)}

    def answer(self, verb: str, path: str, body: dict) -> Answer:
        with self.has_news:
            self.calls.append((verb, body))
            self.has_news.notify_all()
        if verb in self.fault:
            return self.fault[verb]()
        if verb == "facts":
            return 200, self.facts_headers(), self.stream
        if verb == "start":
            row = {"id": path.split("/")[-3], "service": self.service, "params": self.params}
            return send_json(200, row | {"time_zone": self.time_zone, "attempt": body["attempt"]})
        return 204, {}, b""


def send_json(status: int, body: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.reply(path, {"query": query, "accept": self.headers["Accept"]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(self.path, read_body(self.headers["Content-Type"], raw))

    def reply(self, path: str, body: dict) -> None:
        verb = path.rstrip("/").rsplit("/", 1)[-1]
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.api.claims.append(
            jwt.decode(token, KEY, algorithms=["HS256"], audience="campus-helpdesk")
            | {"kid": jwt.get_unverified_header(token)["kid"], "verb": verb}
            | {"request_id": self.headers["X-Request-ID"]}
        )
        status, headers, content = self.server.api.answer(verb, path, body)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        # A body shorter than announced: this is what a broken connection looks like.
        self.close_connection = self.close_connection or "Content-Length" in headers

    def log_message(self, *args: object) -> None:
        pass


def read_body(content_type: str, raw: bytes) -> dict:
    if not content_type.startswith("multipart/"):
        return json.loads(raw)
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + raw).iter_parts()
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts
    }


class Server(ThreadingHTTPServer):
    daemon_threads = True
    api: Api

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that disconnect are part of some tests."""


def serve(api: Api) -> Server:
    """Starts the server on a free port; the caller shuts it down."""
    server = Server(("127.0.0.1", 0), Handler)
    server.api = api
    api.url = f"http://127.0.0.1:{server.server_port}/api/v1/"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
