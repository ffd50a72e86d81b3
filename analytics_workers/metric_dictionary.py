"""The metric dictionary, `docs/users/metrics.md`, generated from the services' definitions."""

from analytics_workers.catalogue import SERVICES
from common.catalogue import ServiceDefinition

HEAD = """# Metric dictionary

Generated from the definitions of the services. Do not edit; run
`.venv/bin/python -m analytics_workers.metric_dictionary > docs/users/metrics.md`. Every number is computed
from one consistent snapshot of the tickets; its time is `as_of` in the result's lineage.
A ticket that was merged as a duplicate counts as what it was: a ticket of its own, opened when it was
reported and closed when it was merged.
"""


def metrics_page(services: dict[str, ServiceDefinition]) -> str:
    """The whole page, one section per service."""
    return "\n".join([HEAD, *(_section(definition) for definition in services.values())])


def _section(definition: ServiceDefinition) -> str:
    metric = definition.metric
    lines = [
        f"## {definition.title} (`{definition.name}`)\n",
        f"{metric.definition}\n",
        f"- Formula: {metric.formula}",
        f"- Unit: {metric.unit}",
        f"- Included tickets: {metric.population}",
        f"- Time zone: {metric.time_zone}",
        f"- Limitations: {metric.limitations}",
        *(
            f"- Parameter `{p.name}`{'' if p.is_required else ' (optional)'}: {p.help}"
            for p in definition.parameters
        ),
        f"- Queue: `{definition.queue}`\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(metrics_page(SERVICES), end="")
