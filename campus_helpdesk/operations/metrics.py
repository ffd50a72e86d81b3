"""Metrics of the site in the format of Prometheus.

Requests are counted by each gunicorn process in a file of its own (PROMETHEUS_MULTIPROC_DIR) and summed when
read; everything that has a row is counted there. Labels are few: routes by name, never addresses.
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
    """What the database and the broker know. What cannot be read now is left out."""

    def collect(self) -> Iterator[Metric]:
        look = run_in_thread(lambda: query_within_deadline(read_state))
        count = run_in_thread(lambda: query_within_deadline(lambda: list(count_rows())))
        beats = read_heartbeats()
        database, rows = look.result(), count.result()
        yield GaugeMetricFamily("helpdesk_broker_up", "Whether the broker answers", beats["broker"])
        yield GaugeMetricFamily("helpdesk_database_up", "Whether the database answers", database is not None)
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
        heartbeats = {**beats["worker"], "beat": beats["beat"]}
        known = {who: age for who, age in heartbeats.items() if age is not None}
        yield table("helpdesk_heartbeat_age_seconds", "Since the last heartbeat", "of", known)


def count_rows() -> Iterator[Metric]:
    found = dict(read_counts("status"))
    yield table("helpdesk_tickets", "Tickets", "status", dict.fromkeys(Status.values, 0) | found)
    yield table("helpdesk_analyses", "Analyses that are kept", "state", statistics.count_by_state())
    waited = statistics.oldest_queued_seconds()
    yield GaugeMetricFamily("helpdesk_oldest_queued_seconds", "The longest wait of an analysis", waited)
    failed = statistics.count_failed_attempts()
    yield GaugeMetricFamily("helpdesk_failed_attempts", "Attempts that ended without a result", failed)


def table(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
