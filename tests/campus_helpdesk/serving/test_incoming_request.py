import socket
from pathlib import Path

import pytest
from gunicorn.config import Config

from campus_helpdesk.serving.incoming_request import MAX_BODY_BYTES, IncomingRequest
from common.photo_limits import MAX_PHOTO_FORM_BYTES

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


UPLOAD = f"POST /photos/ HTTP/1.1\r\nHost: x\r\nContent-Length: {3 * MAX_BODY_BYTES}\r\n\r\n".encode()
PART = b"x" * MAX_BODY_BYTES


def test_list_of_places_waits_on_the_disk():
    arrival = arrive(UPLOAD.replace(b"/photos/", b"/desk/places/import/") + PART)
    assert (arrival.is_complete, arrival.spool.tell()) == (False, MAX_BODY_BYTES)


def test_photos_wait_on_the_disk_until_they_are_complete():
    arrival = arrive(UPLOAD[:30], UPLOAD[30:] + PART, PART)
    assert (arrival.is_complete, len(arrival.received), arrival.spool.tell()) == (
        False,
        arrival.body_at,
        2 * MAX_BODY_BYTES,
    )
    assert arrival.body_seconds > 30
    arrival = arrive(UPLOAD + PART, PART, PART)
    assert arrival.is_complete
    arrival.sock, _ = socket.socketpair()
    arrival.begin()
    request = next(arrival.parser)
    assert request.body.read() == 3 * PART
    files = len(list(Path("/proc/self/fd").iterdir()))
    arrival.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == files - 2  # the socket and the file


@pytest.mark.parametrize(
    "line", ["POST /enter/", "GET /photos/", "POST /photos/more", "POST /tickets/x/messages/", "nonsense"]
)
def test_other_large_bodies_are_left_to_the_site(line):
    head = f"{line} HTTP/1.1\r\nHost: x\r\nContent-Length: {3 * MAX_BODY_BYTES}\r\n\r\n"
    arrival = arrive(head.encode() + b"x")
    assert (arrival.is_complete, arrival.spool) == (True, None)


def test_upload_over_the_limit_is_left_to_the_site():
    head = f"POST /photos/ HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_PHOTO_FORM_BYTES + 1}\r\n\r\n"
    arrival = arrive(head.encode() + b"x")
    assert (arrival.is_complete, arrival.spool) == (True, None)
