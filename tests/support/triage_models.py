"""Versions of the model without training, and corrections by the product's own actions."""

import gzip
import hashlib
import json
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import correct_category
from tickets.models import ModelOrigin, TriageModel
from tickets.triage import load_model, load_shipped_model
from tickets.triage.model import SHIPPED, pack_model


def repack(**changes: Any) -> bytes:
    """The shipped model with another temperature, say: another version."""
    _, _, body = gzip.decompress(SHIPPED.read_bytes()).partition(b"\n")
    return pack_model(json.loads(body) | changes)


def store_version(version: str, raw: bytes = b"x", **columns: Any) -> TriageModel:
    """A row as a retraining stores it."""
    fields = {
        "made_by": ModelOrigin.NIGHTLY,
        "figures": {},
        "raw": raw,
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    return TriageModel.objects.create(version=version, **fields | columns)


@cache
def pack_version(temperature: float) -> tuple[str, bytes]:
    raw = repack(temperature=temperature)
    return load_model(raw).version, raw


def make_version(temperature: float, **columns: Any) -> TriageModel:
    version, raw = pack_version(temperature)
    checked = {"raw": raw, "sha256": hashlib.sha256(raw).hexdigest()}
    return store_version(version, **checked | columns)


def correct(text: str, category: str) -> None:
    """A ticket with this text and a person's choice of its category."""
    ticket = make_ticket(description=text)
    correct_category(ticket, by=HELPDESK, category=category, version=ticket.version)


def database_address() -> str:
    """The address of this run's database, for other processes."""
    values = connection.settings_dict
    host = f"{values['HOST'] or 'localhost'}".replace("/", "%2F")
    port = f":{values['PORT']}" if values["PORT"] else ""
    return f"postgres://{values['USER']}:{values['PASSWORD']}@{host}{port}/{values['NAME']}"


HITS = {"texts": 100, "right": 91, "accuracy": 0.91}
GOLD = HITS | {"calibration_error": 0.02, "categories": dict.fromkeys(("facility", "it", "services"), HITS)}
WITH_FIGURES = {"figures": {"gold": GOLD}, "corrections": 12}


def store_shipped_version() -> TriageModel:
    fields = {"made_by": ModelOrigin.SHIPPED, "figures": {"gold": GOLD}}
    return store_version(load_shipped_model().version, SHIPPED.read_bytes(), **fields)


def make_active(**columns) -> TriageModel:
    """An active version: the shipped one, slightly less sure of itself."""
    return make_version(0.65, is_active=True, activated_at=timezone.now(), **WITH_FIGURES | columns)
