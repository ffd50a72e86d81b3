"""The versions of the triage model as shown in a table."""

from functools import lru_cache
from typing import Any

from tickets.categories import Category
from tickets.learning.active_model import get_active_model
from tickets.models import ModelOrigin, TriageModel
from tickets.triage import Model, load_shipped_model
from tickets.triage.reference_set import Accuracy, Figures, measure_model
from tickets.triage_metrics import list_versions

MAX_VERSIONS = 20


def describe_versions() -> list[dict[str, Any]]:
    """Newest first. The shipped model has a row only once a retraining has stored it: until then it comes
    last, and is in use if no other one is."""
    rows = list_versions(MAX_VERSIONS)
    shipped, used = load_shipped_model(), get_active_model().version
    described = [describe_row(row, is_used=row.version == used) for row in rows]
    if shipped.version not in {row.version for row in rows}:
        described.append(describe_file(shipped, is_used=shipped.version == used))
    return described


def describe_row(row: TriageModel, *, is_used: bool) -> dict[str, Any]:
    return {
        "version": row.version,
        "maker": row.get_made_by_display(),
        "is_shipped": row.made_by == ModelOrigin.SHIPPED,
        "made_at": row.made_at,
        "corrections": row.corrections,
        "figures": describe_figures(row.figures["gold"]),
        "is_used": is_used,
        "activated_at": row.activated_at,
        "activated_by": row.activated_by_name or row.get_activated_by_role_display(),
        "refusal": row.refusal,
        "may_be_used": not is_used and not row.refusal,
    }


def describe_file(shipped: Model, *, is_used: bool) -> dict[str, Any]:
    return {
        "version": shipped.version,
        "maker": ModelOrigin.SHIPPED.label,
        "is_shipped": True,
        "figures": describe_figures(measure_shipped()),
        "is_used": is_used,
        "may_be_used": False,
    }


@lru_cache(maxsize=1)
def measure_shipped() -> Figures:
    return measure_model(load_shipped_model())


def describe_figures(gold: Figures) -> list[tuple[str, str]]:
    """How many of the reference set it gets right: in total, then by category."""
    parts: list[tuple[str, Accuracy]] = [(f"Correct (of {gold['texts']} texts)", gold)]
    parts += [(label, gold["categories"][value]) for value, label in Category.choices]
    return [(label, f"{100 * part['accuracy']:.1f} %") for label, part in parts]
