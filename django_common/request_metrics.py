"""Numbers, statuses and durations of requests, in the format of Prometheus.

Labels have few values: routes by name, never addresses.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

REFUSALS = {401, 403, 404, 409, 412, 428, 429}
BUCKETS = (0.025, 0.1, 0.25, 0.5, 1, 2.5, 10)

REGISTRY = CollectorRegistry()
requests = Counter("helpdesk_requests", "Requests answered", ["route", "method", "status"], registry=REGISTRY)
seconds = Histogram(
    "helpdesk_request_seconds",
    "Until the response began",
    ["route"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
refusals = Counter("helpdesk_refusals", "Requests refused", ["status"], registry=REGISTRY)


def count_request(route: str, method: str, status: int, took: float) -> None:
    requests.labels(route, method, f"{status // 100}xx").inc()
    seconds.labels(route).observe(took)
    if status in REFUSALS:
        refusals.labels(str(status)).inc()
