"""The available services as plain data, for pages and the API."""

from dataclasses import asdict
from typing import Any

from analytics_workers.catalogue import SERVICES
from common.catalogue import ServiceDefinition


def describe_services() -> list[dict[str, Any]]:
    """One dictionary per service: name, title, sentence, advanced (summary and sentence, or None), parameters
    (name, label, help, kind, is_required, default, and fields of their kind), schema, metric, queue."""
    return [describe_service(definition) for definition in SERVICES.values()]


def describe_service(definition: ServiceDefinition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "title": definition.title,
        "sentence": definition.sentence,
        "advanced": asdict(definition.advanced) if definition.advanced else None,
        "parameters": [{**asdict(p), "kind": type(p).__name__.lower()} for p in definition.parameters],
        "schema": definition.schema(),
        "metric": asdict(definition.metric),
        "queue": definition.queue,
    }
