"""The categories of tickets, and how pages, services and charts show them."""

from typing import NamedTuple


class CategoryStyle(NamedTuple):
    label: str
    icon: str  # of lucide
    colour: str  # in charts: Okabe-Ito palette, distinguishable with colour blindness
    hatch: str  # in charts: distinguishes bars without colour


CATEGORY_STYLES = {  # in the order of the weights in the triage model
    "facility": CategoryStyle("Facility management", "building-2", "#d55e00", ""),
    "it": CategoryStyle("Technical IT", "wifi", "#0072b2", "////"),
    "services": CategoryStyle("Services complaints", "concierge-bell", "#009e73", "...."),
}
CATEGORIES = {category: style.label for category, style in CATEGORY_STYLES.items()}
CATEGORY_ICONS = {category: style.icon for category, style in CATEGORY_STYLES.items()}
CATEGORY_COLOURS = {category: style.colour for category, style in CATEGORY_STYLES.items()}
CATEGORY_HATCHES = {category: style.hatch for category, style in CATEGORY_STYLES.items()}
