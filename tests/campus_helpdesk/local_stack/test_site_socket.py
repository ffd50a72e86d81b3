import socket
import threading
import time

import pytest

from campus_helpdesk.local_stack.site_socket import PortUnusable, SiteSocket, chosen_port
from campus_helpdesk.local_stack.valkey_server import free_port


def test_site_refuses_a_port_in_use_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortUnusable, match=f"Port {port} cannot be used"):
            SiteSocket(port)


def test_site_waits_for_a_port_that_is_being_released():
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    closing = threading.Timer(0.4, other.close)
    closing.start()
    began = time.monotonic()
    SiteSocket(port, bind_timeout=10).close()
    closing.join()
    assert 0.3 < time.monotonic() - began < 5


def test_site_without_a_web_process_is_not_ready():
    site = SiteSocket(free_port())
    assert site.readiness() == {"status": "no answer"}
    site.close()


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "-1", "80.5"])
def test_invalid_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(PortUnusable, match="PORT must be a number from 1 to 65535"):
        chosen_port()


def test_chosen_port_is_8000_by_default(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    assert chosen_port() == 8000
