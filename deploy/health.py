"""Container health check. Exit code 0 or 1; Docker runs it every few seconds.

health.py web       the site responds to /healthz
health.py queues    this container's worker has a recent heartbeat for each queue in QUEUES
health.py gateway   this container's gateway worker has a recent heartbeat
health.py beat      this container's beat has a recent heartbeat

Docker restarts containers that exit but not those that hang: a program without heartbeats for three minutes,
while the broker accepts them, is killed here.
"""

import http.client
import os
import signal
import sys
import tempfile
from pathlib import Path

SILENT_CHECKS = 12  # checks of 15 seconds
INIT = 1  # the container's first process; the program is its child


def is_site_up() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def are_alive(heartbeats: list[str]) -> bool | None:
    """Each heartbeat is a key that its sender renews and that expires after some seconds. None if the broker
    does not respond or accepts no writes: then none could be sent."""
    import redis

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from common.heartbeats import host_heartbeat
    from common.service_keys import broker_prefix

    prefix = broker_prefix(os.environ["SERVICE_KEY"])
    keys = [host_heartbeat(f"{prefix}heartbeat:{name}") for name in heartbeats]
    try:
        with redis.Redis.from_url(
            os.environ["REDIS_URL"], socket_timeout=2, socket_connect_timeout=2
        ) as broker:
            broker.set(f"{prefix}heartbeat:health", 1, ex=60)
            return broker.exists(*keys) == len(keys)
    except redis.RedisError:
        return None


def is_healthy(what: str) -> bool | None:
    if what == "queues":
        return are_alive([f"worker:{queue}" for queue in os.environ["QUEUES"].split(",")])
    processes = {"gateway": "gateway-worker", "beat": "beat"}
    return are_alive([f"part:{processes[what]}"]) if what in processes else is_site_up()


def count_silent_checks(file: Path, is_silent: bool) -> int:
    """How many checks in a row found no heartbeat."""
    text = file.read_text() if file.exists() else ""
    before = int(text) if text.isdecimal() else 0  # left empty by a check that was killed while writing
    count = before + 1 if is_silent else 0
    file.write_text(str(count))
    return count


def end_children(parent: int) -> None:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            ppid = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has exited in the meantime
            continue
        if ppid == parent:
            os.kill(int(stat.parent.name), signal.SIGKILL)


if __name__ == "__main__":
    healthy = is_healthy(sys.argv[1])
    silent = count_silent_checks(Path(tempfile.gettempdir(), "silent-checks"), healthy is False)
    if silent >= SILENT_CHECKS:
        end_children(INIT)
    sys.exit(0 if healthy else 1)
