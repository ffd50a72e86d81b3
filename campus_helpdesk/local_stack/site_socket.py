"""The address of the site: reserved before anything starts, checked for readiness afterwards."""

import http.client
import json
import os
import socket
import time
from typing import Any

HOST = "127.0.0.1"


class PortUnusable(Exception):
    """One line that names the port."""


class SiteSocket:
    """Holds the listening socket: a restarted web process inherits it, so no connection is refused."""

    def __init__(self, port: int, bind_timeout: float = 0):
        """bind_timeout: seconds to wait for a port in use."""
        self.port = port
        self.address = f"http://{HOST}:{port}/"
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bind(time.monotonic() + bind_timeout)

    def _bind(self, deadline: float) -> None:
        while True:
            try:
                return self._socket.bind((HOST, self.port))
            except OSError as error:
                if time.monotonic() > deadline:
                    self._socket.close()
                    raise PortUnusable(
                        f"Port {self.port} cannot be used ({error.strerror}): set PORT to another."
                    ) from None
            time.sleep(0.1)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def is_alive(self) -> bool:
        """Whether /healthz responds."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def readiness(self) -> dict[str, Any]:
        """The response of /readyz; a status of its own if there is none."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            state = json.loads(connection.getresponse().read())
            return state if isinstance(state, dict) else {"status": "unreadable"}
        except (OSError, ValueError, http.client.HTTPException):
            return {"status": "no answer"}
        finally:
            connection.close()


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise PortUnusable(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)
