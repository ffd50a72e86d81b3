"""The categories of tickets: every fact about them, for pages, services and charts."""

from typing import NamedTuple


class Facts(NamedTuple):
    label: str
    icon: str  # of lucide
    colour: str  # in charts: Okabe-Ito palette, distinguishable with colour blindness
    hatch: str  # in charts: distinguishes bars without colour


FACTS = {  # in the order of the weights in the triage model
    "facility": Facts("Facility management", "building-2", "#d55e00", ""),
    "it": Facts("Technical IT", "wifi", "#0072b2", "////"),
    "services": Facts("Services complaints", "concierge-bell", "#009e73", "...."),
}
CATEGORIES = {category: facts.label for category, facts in FACTS.items()}
CATEGORY_ICONS = {category: facts.icon for category, facts in FACTS.items()}
CATEGORY_COLOURS = {category: facts.colour for category, facts in FACTS.items()}
CATEGORY_HATCHES = {category: facts.hatch for category, facts in FACTS.items()}
