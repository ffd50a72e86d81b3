"""One retraining from beginning to end. Imports scikit-learn: for the retraining process only."""

import hashlib

from django.db import transaction

from django_common.advisory_locks import AdvisoryLock, session_lock, take_lock
from tickets.learning.activation import switch_to
from tickets.learning.active_model import load_active_model
from tickets.learning.training_data import TrainingData, has_new_corrections, read_training_data
from tickets.models import ModelOrigin, TriageModel
from tickets.triage import Model, corpus, load_model, load_shipped_model
from tickets.triage.model import CATEGORIES, SHIPPED
from tickets.triage.reference_set import Figures, find_losses, measure_model
from tickets.triage.train import train_and_validate

BUSY = "Another retraining is running; nothing was done."
NO_NEW_CORRECTIONS = "There are no new corrections since the last retraining; nothing was done."


def retrain(made_by: ModelOrigin) -> str:
    """Trains on seeds and corrections, stores the version, and activates it if it is not worse. Returns a
    report.

    Safe under several callers: one trains, the others are told so and do nothing.
    """
    with session_lock(AdvisoryLock.RETRAINING) as is_ours:
        if not is_ours:
            return BUSY
        data = read_training_data()
        if not has_new_corrections(data):
            return NO_NEW_CORRECTIONS
        raw, accuracy = train_and_validate(corpus.read_examples(), data.examples)
        return store_version(raw, accuracy, data, made_by)


@transaction.atomic
def store_version(raw: bytes, accuracy: float, data: TrainingData, made_by: ModelOrigin) -> str:
    """Compares with the model that runs now, which a person may have changed during the training."""
    take_lock(AdvisoryLock.MODEL_ACTIVATION)
    store_shipped_model()
    model, running = load_model(raw), load_active_model()
    known = TriageModel.objects.filter(version=model.version)
    if known.update(**model_columns(model, raw), newest_correction=data.newest):  # repairs damaged bytes, too
        return f"The corrections lead to version {model.version}, which exists already; nothing was changed."
    new, other = measure_model(model), measure_model(running)
    compared = {"version": running.version, "gold": other}
    row = TriageModel.objects.create(
        **model_columns(model, raw),
        made_by=made_by,
        corrections=len(data.examples),
        newest_correction=data.newest,
        figures={"gold": new, "cross_validated": round(accuracy, 4), "compared_with": compared},
        refusal=" ".join(find_regressions(new, other)),
    )
    if not row.refusal:
        switch_to(row)
    return describe(row)


def find_regressions(new: Figures, running: Figures) -> list[str]:
    """Not worse than the model that runs, nor than the shipped one: small losses must not add up."""
    shipped = measure_model(load_shipped_model())
    return find_losses(new, running, "the running model") or find_losses(new, shipped, "the shipped model")


def store_shipped_model() -> None:
    """The shipped model as a row, so that there is a way back to it."""
    model = load_shipped_model()
    if not TriageModel.objects.filter(version=model.version).exists():
        columns = model_columns(model, SHIPPED.read_bytes())
        TriageModel.objects.create(
            **columns, made_by=ModelOrigin.SHIPPED, figures={"gold": measure_model(model)}
        )


def model_columns(model: Model, raw: bytes) -> dict[str, str | bytes]:
    sha256 = hashlib.sha256(raw).hexdigest()
    return {"version": model.version, "raw": raw, "sha256": sha256, "seeds": model.sources}


def describe(row: TriageModel) -> str:
    """The scores of both models, and the decision about the new one."""
    new, compared = row.figures["gold"], row.figures["compared_with"]
    other = compared["gold"]
    lines = [
        f"Version {row.version}, from {row.corrections} corrections;"
        f" cross-validated {row.figures['cross_validated']:.3f}.",
        f"{'correct':24}{row.version:>18}{compared['version']:>18}",
        f"{'all':24}{new['accuracy']:18.3f}{other['accuracy']:18.3f}",
        *(
            f"{name:24}{new['categories'][name]['accuracy']:18.3f}{other['categories'][name]['accuracy']:18.3f}"
            for name in CATEGORIES
        ),
        f"{'calibration error':24}{new['calibration_error']:18.3f}{other['calibration_error']:18.3f}",
        f"Not activated. {row.refusal}" if row.refusal else "Activated.",
    ]
    return "\n".join(lines)
