"""The names of heartbeats, by which processes show that they are alive."""

import socket


def host_heartbeat(heartbeat: str) -> str:
    """The name of a heartbeat of this host alone: of several containers that do the same, each must be known
    to be alive."""
    return f"{heartbeat}@{socket.gethostname()}"
