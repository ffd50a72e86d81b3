"""One retraining from beginning to end. Imports scikit-learn: for the retraining process alone."""

import hashlib

from django.db import transaction

from django_common.advisory_locks import AdvisoryLock, session_lock, take_lock
from tickets.learning.activation import switch_to
from tickets.learning.active_model import find_model
from tickets.learning.training_data import Lessons, has_news, read_lessons
from tickets.models import ModelOrigin, TriageModel
from tickets.triage import Model, corpus, load_model, load_shipped_model
from tickets.triage.model import CATEGORIES, SHIPPED
from tickets.triage.reference_set import Figures, find_losses, measure_gold
from tickets.triage.train import learn

BUSY = "Another retraining is at work: nothing is done."
NO_NEWS = "There is no correction that the last retraining has not seen: nothing is done."


def retrain(made_by: ModelOrigin) -> str:
    """Trains on seeds and corrections, keeps the version, activates it if it is not worse. Says what it did.

    Safe under several callers: one trains, the others are told so and do nothing.
    """
    with session_lock(AdvisoryLock.RETRAINING) as is_ours:
        if not is_ours:
            return BUSY
        lessons = read_lessons()
        if not has_news(lessons):
            return NO_NEWS
        raw, accuracy = learn(corpus.read_examples(), lessons.examples)
        return keep_version(raw, accuracy, lessons, made_by)


@transaction.atomic
def keep_version(raw: bytes, accuracy: float, lessons: Lessons, made_by: ModelOrigin) -> str:
    """Compares with the model that runs now, which a person may have changed during the training."""
    take_lock(AdvisoryLock.MODEL_ACTIVATION)
    keep_shipped()
    model, running = load_model(raw), find_model()
    known = TriageModel.objects.filter(version=model.version)
    if known.update(**columns_of(model, raw), newest_correction=lessons.newest):  # mends damaged bytes, too
        return f"The corrections lead to version {model.version}, which is there already: it stays as it is."
    mine, other = measure_gold(model), measure_gold(running)
    compared = {"version": running.version, "gold": other}
    row = TriageModel.objects.create(
        **columns_of(model, raw),
        made_by=made_by,
        corrections=len(lessons.examples),
        newest_correction=lessons.newest,
        figures={"gold": mine, "cross_validated": round(accuracy, 4), "compared_with": compared},
        refusal=" ".join(find_faults(mine, other)),
    )
    if not row.refusal:
        switch_to(row)
    return describe(row)


def find_faults(mine: Figures, running: Figures) -> list[str]:
    """Not worse than the model that runs, nor than the shipped one: small losses must not add up."""
    shipped = measure_gold(load_shipped_model())
    return find_losses(mine, running, "the running model") or find_losses(mine, shipped, "the shipped model")


def keep_shipped() -> None:
    """The shipped model as a row, so that there is a way back to it."""
    model = load_shipped_model()
    if not TriageModel.objects.filter(version=model.version).exists():
        columns = columns_of(model, SHIPPED.read_bytes())
        TriageModel.objects.create(
            **columns, made_by=ModelOrigin.SHIPPED, figures={"gold": measure_gold(model)}
        )


def columns_of(model: Model, raw: bytes) -> dict[str, str | bytes]:
    sha256 = hashlib.sha256(raw).hexdigest()
    return {"version": model.version, "raw": raw, "sha256": sha256, "seeds": model.sources}


def describe(row: TriageModel) -> str:
    """The figures of both models, and what became of the new one."""
    mine, compared = row.figures["gold"], row.figures["compared_with"]
    other = compared["gold"]
    lines = [
        f"Version {row.version}, from {row.corrections} corrections;"
        f" cross-validated {row.figures['cross_validated']:.3f}.",
        f"{'right of the gold set':24}{row.version:>18}{compared['version']:>18}",
        f"{'all':24}{mine['accuracy']:18.3f}{other['accuracy']:18.3f}",
        *(
            f"{name:24}{mine['categories'][name]['accuracy']:18.3f}{other['categories'][name]['accuracy']:18.3f}"
            for name in CATEGORIES
        ),
        f"{'calibration error':24}{mine['calibration_error']:18.3f}{other['calibration_error']:18.3f}",
        f"Not activated. {row.refusal}" if row.refusal else "Activated.",
    ]
    return "\n".join(lines)
