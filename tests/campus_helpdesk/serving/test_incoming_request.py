import socket

import pytest
from gunicorn.config import Config

from campus_helpdesk.serving.incoming_request import MAX_BODY_BYTES, IncomingRequest

HEAD = b"POST /enter/ HTTP/1.1\r\nHost: x\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def arrive(*parts: bytes) -> IncomingRequest:
    """Checked after each part, as it arrives."""
    ours, _ = socket.socketpair()
    arrival = IncomingRequest(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
    for part in parts:
        arrival.received += part
        is_whole = arrival.has_head() and arrival.is_whole()
    arrival.is_complete = is_whole
    ours.close()
    return arrival


@pytest.mark.parametrize(
    ("parts", "is_whole"),
    [
        ([b""], False),
        ([b"GET / HTTP/1.1\r\nHost: x\r\n\r"], False),
        ([b"GET / HTTP/1.1\r\nHost: x\r\n\r", b"\n"], True),
        ([HEAD + b"Content-Length: 4\r\n\r\nrol"], False),
        ([HEAD + b"Content-Length: 4\r\n\r\nrol", b"e"], True),
        ([HEAD + b"content-length:4\r\n\r\nrole and more"], True),
        ([HEAD + f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n".encode()], True),
        ([HEAD + b"Content-Length: nonsense\r\n\r\n"], True),
        ([CHUNKS], False),
        ([CHUNKS + b"4\r\nrole\r\n0\r\n"], False),
        ([CHUNKS + b"4\r\nrole\r\n", b"0\r\n\r\n"], True),
        ([CHUNKS + b"4", b"\r\nro", b"le\r", b"\n0\r\nTrailer: 1\r\n", b"\r\n"], True),
        ([CHUNKS + b"7\r\n0\r\n\r\nab\r\n"], False),
        ([CHUNKS + b"4;name=value\r\nrole\r\n0\r\n\r\n"], True),
        ([CHUNKS + b"nonsense\r\n"], True),
        ([CHUNKS + b"fffff\r\n" + b"x" * MAX_BODY_BYTES], True),
    ],
)
def test_request_is_complete_with_its_last_byte(parts, is_whole):
    assert arrive(*parts).is_complete is is_whole
