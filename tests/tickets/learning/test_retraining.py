"""Real trainings: half a minute of CPU time for each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.support.factories import HELPDESK, make_ticket
from tests.support.triage_models import correct, database_address
from tickets.learning.activation import activate_model
from tickets.learning.active_model import get_active_model
from tickets.learning.training_data import has_new_corrections, read_training_data
from tickets.models import ModelOrigin, TriageModel
from tickets.tasks import retrain_triage
from tickets.triage import classify, load_shipped_model, train
from tickets.triage.model import CATEGORIES
from tickets.triage.reference_set import find_losses, measure_model, read_reference_texts, read_set

ROOT = Path(__file__).parents[3]
THINGS = (
    "charging point",
    "e-bike charger",
    "scooter charging post",
    "charging station",
    "charger for e-bikes",
)
SPOTS = ("by the gym", "at the north gate", "behind the library", "near hostel C", "in the garage")
FAULTS = (
    *("shows an error on its screen", "does not start loading", "is offline", "does not accept the app"),
    *("has a red light", "will not connect", "rejects my card", "keeps blinking", "is stuck in reset"),
    "needs a restart",
)
NEW_TEXTS = (
    "Scooter charging post at the main gate shows an error",
    "The charging station behind the canteen is offline",
    "Charger for e-bikes keeps rejecting the app",
    "My e-bike does not load, the charging point is blinking red",
    "The charging point next to the bus stop will not connect",
    "Charging station needs a reset",
    "The e-bike charger at building 7 has crashed",
    "Error at the charging station of the hostel",
)
pytestmark = pytest.mark.django_db(transaction=True)


def right(model) -> int:
    return sum(classify(text, model).category == "facility" for text in NEW_TEXTS)


def correct_chargers() -> None:
    """Fifty corrections of one kind of mistake: charging points are not repaired by IT."""
    for n in range(50):
        correct(f"The {THINGS[(n + n // 10) % 5]} {SPOTS[n % 5]} {FAULTS[n % 10]}", "facility")


def start_retraining() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "retrain"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_address()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_retrainings_at_once_make_one_that_mends_the_mistakes_and_can_be_rolled_back(capsys):
    shipped = load_shipped_model()
    assert right(shipped) <= 3
    correct_chargers()

    both = [start_retraining(), start_retraining()]
    answers = sorted(process.communicate() for process in both)
    assert [process.returncode for process in both] == [0, 0], answers
    assert answers[0][0] == "Another retraining is running; nothing was done.\n"
    assert answers[1][0].endswith("Activated.\n")

    learnt = TriageModel.objects.get(made_by=ModelOrigin.COMMAND)
    assert (learnt.is_active, learnt.corrections, learnt.refusal) == (True, 50, "")
    assert get_active_model().version == learnt.version
    assert right(get_active_model()) >= len(NEW_TEXTS) - 1
    gold = measure_model(get_active_model())
    assert find_losses(gold, measure_model(shipped), "shipped") == []
    assert learnt.figures["gold"] == gold
    assert learnt.figures["compared_with"]["version"] == shipped.version
    assert learnt.figures["cross_validated"] > 0.8

    call_command("retrain")
    assert capsys.readouterr().out.startswith("There are no new corrections since the last retraining")
    activate_model(TriageModel.objects.get(made_by=ModelOrigin.SHIPPED).version, by=HELPDESK)
    assert make_ticket().triage_model == shipped.version


def test_poisoned_corrections_are_refused_with_the_reason(caplog, monkeypatch):
    """Cross-validated in two parts instead of five: that decides nothing about a refusal."""
    monkeypatch.setattr(train, "FOLDS", 2)
    caplog.set_level("INFO")
    for row in read_set("city"):
        correct(row.text, CATEGORIES[(CATEGORIES.index(row.category) + 1) % 3])
    retrain_triage()
    refused = TriageModel.objects.get(made_by=ModelOrigin.NIGHTLY)
    assert (refused.is_active, refused.activated_at) == (False, None)
    assert refused.refusal.startswith(
        f"Of {len(read_reference_texts())} texts that no model learns from (all) it files "
    )
    assert f"Not activated. {refused.refusal}" in caplog.text
    assert get_active_model() is load_shipped_model()
    assert not has_new_corrections(read_training_data())
