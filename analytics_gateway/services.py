"""The available services as plain data, for pages and programs that must not import them."""

from dataclasses import asdict
from typing import Any

from analytics_workers.catalogue import CARDS
from common.catalogue import Card


def describe() -> list[dict[str, Any]]:
    """One dictionary per service: name, title, sentence, fold (summary and sentence, or None), parameters
    (name, label, help, kind, is_required, default, and fields of their kind), schema, metric, queue."""
    return [describe_card(card) for card in CARDS.values()]


def describe_card(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "sentence": card.sentence,
        "fold": asdict(card.fold) if card.fold else None,
        "parameters": [{**asdict(p), "kind": type(p).__name__.lower()} for p in card.parameters],
        "schema": card.schema(),
        "metric": asdict(card.metric),
        "queue": card.queue,
    }
