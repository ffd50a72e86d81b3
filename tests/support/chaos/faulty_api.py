"""An HTTP server in front of the site that answers requests for facts with a fault and forwards the rest."""

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.support.chaos.tcp_proxy import RESET

ARROW = "application/vnd.apache.arrow.stream"
HEAD = {"X-As-Of": "2026-03-15T12:00:00Z", "X-Source": "one", "X-Change-Token": "1000", "X-Count": "4"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server: "FaultyApi"

    def do_GET(self) -> None:
        self.serve(b"")

    def do_POST(self) -> None:
        self.serve(self.rfile.read(int(self.headers["Content-Length"])))

    def serve(self, body: bytes) -> None:
        fault = self.server.fault
        if fault and "/facts/" in self.path:
            self.server.faults_served += 1
            getattr(self, f"fault_{fault}")()
        else:
            self.forward(body)

    def forward(self, body: bytes) -> None:
        names = ("Authorization", "Accept", "Content-Type")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        answer = self.server.web.request(self.command, self.path, content=body, headers=headers)
        shown = {name: value for name, value in answer.headers.items() if name.startswith("x-")}
        self.answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content, **shown)

    def answer(self, status: int, content_type: str, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in (
            {"Content-Type": content_type, "Content-Length": str(len(content))} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def fault_refused(self) -> None:
        """The connection is closed without a response."""

    def fault_reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.connection.close()

    def fault_500(self) -> None:
        self.answer(500, "text/html", b"<html>Traceback: secret</html>")

    def fault_503(self) -> None:
        self.answer(503, "application/problem+json", b"{}")

    def fault_401(self) -> None:
        self.answer(401, "application/problem+json", b"{}")

    def fault_redirect(self) -> None:
        self.answer(302, "text/html", b"", Location="http://127.0.0.1:9/")

    def fault_html(self) -> None:
        self.answer(200, "text/html", b"<html>Welcome to the campus proxy</html>")

    def fault_garbage(self) -> None:
        self.answer(200, ARROW, b"\xff\x00garbage" * 1000, **HEAD)

    def fault_wrong_schema(self) -> None:
        """The facts of another release: well-formed, with other columns."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        table = pa.table({"number": [1, 2, 3, 4], "kind": ["it"] * 4})
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        self.answer(200, ARROW, sink.getvalue().to_pybytes(), **HEAD)

    def fault_truncated(self) -> None:
        self.answer(200, ARROW, b"\xff\xff\xff\xff", **HEAD | {"Content-Length": "5000"})

    def fault_silent(self) -> None:
        self.server.is_over.wait(100)

    def fault_dripping(self) -> None:
        """The beginning of a long stream, then one byte per second: no read ever times out."""
        self.send_response(200)
        for name, value in ({"Content-Type": ARROW} | HEAD).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(struct.pack("<ii", -1, 10_000))
        while not self.server.is_over.wait(1):
            self.wfile.write(b"\x00")
            self.wfile.flush()

    def log_message(self, *args: object) -> None:
        pass


FAULTS = [name.removeprefix("fault_") for name in vars(Handler) if name.startswith("fault_")]


class FaultyApi(ThreadingHTTPServer):
    """`fault` is "" or one of FAULTS; `faults_served` counts the faulty responses."""

    daemon_threads = True

    def __init__(self, url: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.fault, self.faults_served = "", 0
        self.is_over = threading.Event()
        self.web = httpx.Client(base_url=url, timeout=60)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def recover(self) -> None:
        self.fault = ""
        self.is_over.set()
        self.is_over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that disconnects is expected here."""
