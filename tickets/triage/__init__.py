"""Triage: from the text of a ticket to its category, with the words that decided. Imports no Django."""

from tickets.triage.model import Model, ModelDamaged, load_model, load_shipped_model
from tickets.triage.predict import Verdict, classify

__all__ = ["Model", "ModelDamaged", "Verdict", "classify", "load_model", "load_shipped_model"]
