"""The metric dictionary, `docs/users/metrics.md`, generated from the cards."""

from analytics_workers.catalogue import CARDS
from common.catalogue import Card

HEAD = """# Metric dictionary

Generated from the cards of the services. Do not edit; run
`.venv/bin/python -m analytics_workers.metric_dictionary > docs/users/metrics.md`. Every number is computed
from one consistent snapshot of the tickets; its time is `as_of` in the result's lineage.
"""


def metrics_page(cards: dict[str, Card]) -> str:
    """The whole page, one section per service."""
    return "\n".join([HEAD, *(_section(card) for card in cards.values())])


def _section(card: Card) -> str:
    metric = card.metric
    lines = [
        f"## {card.title} (`{card.name}`)\n",
        f"{metric.definition}\n",
        f"- Formula: {metric.formula}",
        f"- Unit: {metric.unit}",
        f"- Which tickets count: {metric.counts}",
        f"- Time zone: {metric.time_zone}",
        f"- What it does not tell: {metric.limitations}",
        *(
            f"- Parameter `{p.name}`{'' if p.is_required else ' (optional)'}: {p.help}"
            for p in card.parameters
        ),
        f"- Queue: `{card.queue}`\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(metrics_page(CARDS), end="")
