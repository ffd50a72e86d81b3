"""The catalogue of analyses: the card of every folder in `services/`. No compute module is imported here.

The gateway imports this module and nothing else of the workers.
"""

import importlib
import pkgutil
from typing import Any

from analytics_workers import services
from common.catalogue import Card, clean_for_card
from common.parameters import ParametersInvalid


def load_cards() -> dict[str, Card]:
    """The card of every folder in `services/`, by service name."""
    folders = sorted(module.name for module in pkgutil.iter_modules(services.__path__) if module.ispkg)
    cards = [importlib.import_module(f"{services.__name__}.{folder}.card").CARD for folder in folders]
    return {card.name: card for card in cards}


CARDS: dict[str, Card] = load_cards()


def clean_params(service: str, raw: Any) -> dict[str, Any]:
    """The cleaned parameters of one request, in the card's order.

    Raises ParametersInvalid: unknown service, unknown or missing parameter, bad value, bad combination.
    """
    card = CARDS.get(service) if isinstance(service, str) else None
    if card is None:
        raise ParametersInvalid({"service": [f"Choose one of: {', '.join(sorted(CARDS))}."]})
    return clean_for_card(card, raw)
