"""Is the container that this runs in healthy? Exit code 0 or 1; Docker asks every few seconds.

health.py web       the site answers /healthz
health.py queues    a worker for each queue in QUEUES reported lately
health.py beat      the gateway's worker ran the tick that beat sends
"""

import http.client
import os
import sys


def is_site_up() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def are_alive(heartbeats: list[str]) -> bool:
    """Each heartbeat is a key that its sender renews and that ends by itself after some seconds."""
    import redis

    try:
        with redis.Redis.from_url(
            os.environ["REDIS_URL"], socket_timeout=2, socket_connect_timeout=2
        ) as broker:
            return broker.exists(*heartbeats) == len(heartbeats)
    except redis.RedisError:
        return False


def is_healthy(what: str) -> bool:
    if what == "queues":
        return are_alive([f"heartbeat:worker:{queue}" for queue in os.environ["QUEUES"].split(",")])
    return are_alive(["heartbeat:beat"]) if what == "beat" else is_site_up()


if __name__ == "__main__":
    sys.exit(0 if is_healthy(sys.argv[1]) else 1)
