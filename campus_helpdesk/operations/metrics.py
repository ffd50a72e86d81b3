"""Metrics of the site in the format of Prometheus.

Each gunicorn process counts its requests in its own file (PROMETHEUS_MULTIPROC_DIR); reading sums them.
Everything that has a row is counted in the database. Labels are few: routes by name, never URLs.
"""

import os
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from analytics_gateway import statistics
from analytics_gateway.heartbeats import read_heartbeats
from campus_helpdesk.operations.database_probe import query_within_deadline, read_state
from common.timeouts import run_in_thread
from django_common.request_metrics import REGISTRY as REQUEST_REGISTRY
from tickets.lifecycle import Status
from tickets.ticket_counters import read_counts


def render_metrics() -> bytes:
    registry = CollectorRegistry()
    registry.register(HelpdeskCollector())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(REQUEST_REGISTRY)
    return generate_latest(registry)


class HelpdeskCollector(Collector):
    """Metrics from the database and the broker. Those that cannot be read now are left out."""

    def collect(self) -> Iterator[Metric]:
        database_check = run_in_thread(lambda: query_within_deadline(read_state))
        row_count = run_in_thread(lambda: query_within_deadline(lambda: list(count_rows())))
        heartbeats = read_heartbeats()
        database, rows = database_check.result(), row_count.result()
        yield GaugeMetricFamily("helpdesk_broker_up", "Whether the broker responds", heartbeats["broker"])
        yield GaugeMetricFamily("helpdesk_database_up", "Whether the database responds", database is not None)
        if database:
            yield GaugeMetricFamily(
                "helpdesk_database_writable", "Whether the database accepts changes", database.is_writable
            )
            yield GaugeMetricFamily(
                "helpdesk_database_intact",
                "Whether no damaged page was found in the last hour",
                database.is_intact,
            )
        yield from rows or []
        ages = {**heartbeats["worker"], "beat": heartbeats["beat"]}
        known = {name: age for name, age in ages.items() if age is not None}
        yield make_gauge("helpdesk_heartbeat_age_seconds", "Since the last heartbeat", "of", known)


def count_rows() -> Iterator[Metric]:
    found = dict(read_counts("status"))
    yield make_gauge("helpdesk_tickets", "Tickets", "status", dict.fromkeys(Status.values, 0) | found)
    yield make_gauge("helpdesk_analyses", "Retained analyses", "state", statistics.count_by_state())
    waited = statistics.oldest_queued_seconds()
    yield GaugeMetricFamily("helpdesk_oldest_queued_seconds", "The longest wait of an analysis", waited)
    failed = statistics.count_failed_attempts()
    yield GaugeMetricFamily("helpdesk_failed_attempts", "Attempts that ended without a result", failed)


def make_gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
