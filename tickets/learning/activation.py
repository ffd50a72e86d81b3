"""Which version runs: chosen by a person, which is also the way back, or by a retraining."""

from django.db import transaction

from common.errors import Hidden
from common.roles import Caller
from django_common.advisory_locks import AdvisoryLock, take_lock
from django_common.text_validation import clean_text
from tickets.access import require
from tickets.errors import WrongState
from tickets.expressions import StatementNow
from tickets.learning.active_model import forget_cached_model, load_row
from tickets.models import TriageModel
from tickets.triage import ModelDamaged


@transaction.atomic
def activate_model(version: str, *, by: Caller) -> TriageModel:
    """This version categorises tickets from now on, in every process within 10 seconds.

    Raises NotAllowed, Invalid, Hidden (no such version), WrongState (refused, or its bytes are damaged).
    """
    require(by, "activate_model")
    named = clean_text("version", version, is_required=False)
    take_lock(AdvisoryLock.MODEL_ACTIVATION)
    row = TriageModel.objects.filter(version=named).first()
    if row is None:
        raise Hidden
    if row.refusal:
        raise WrongState(f"Version {version} was refused: {row.refusal}")
    try:
        load_row(row)
    except ModelDamaged as damage:
        raise WrongState(f"Version {version} cannot be used: {damage}") from damage
    if not row.is_active:
        switch_to(row, role=by.role, name=by.name)
    return row


def switch_to(row: TriageModel, *, role: str = "", name: str = "") -> None:
    """Inside a transaction that holds the lock. role: empty if no person requested it."""
    TriageModel.objects.filter(is_active=True).update(is_active=False)
    TriageModel.objects.filter(pk=row.pk).update(
        is_active=True, activated_at=StatementNow(), activated_by_role=role, activated_by_name=name
    )
    row.refresh_from_db()
    transaction.on_commit(forget_cached_model)
