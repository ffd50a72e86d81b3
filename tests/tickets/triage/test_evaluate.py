from random import Random
from statistics import fmean

import pytest

from tickets.triage import evaluate, load_shipped_model
from tickets.triage.predict import Verdict
from tickets.triage.reference_set import ReferenceText, read_set

ROWS = [ReferenceText("", category, "en", hard=False) for category in ("it", "it", "it", "facility")]


def verdict(category: str, confidence: float) -> Verdict:
    return Verdict(category, confidence, (), "services", (), "", needs_review=False, is_mixed=False)


FILED = [verdict("it", 0.95), verdict("it", 0.95), verdict("facility", 0.55), verdict("facility", 0.75)]


def test_accuracy_is_the_share_of_right_ones():
    assert evaluate.find_accuracy(ROWS, FILED) == 0.75


def test_macro_f1_is_the_mean_over_the_categories_that_stand_there():
    assert evaluate.find_macro_f1(ROWS, FILED) == pytest.approx(fmean([4 / 5, 2 / 3]))


def test_accuracy_of_the_surest_leaves_the_least_sure_fifth_out():
    assert evaluate.find_accuracy_of_surest(ROWS, FILED) == 1.0


def test_loss_is_in_points_and_nought_for_no_change():
    rows = read_set("authors")
    model = load_shipped_model()
    assert evaluate.find_loss(rows, model, lambda row, dice: row.text) == 0
    assert evaluate.find_loss(rows, model, lambda row, dice: "") > 30


def test_lost_accents_are_all_that_is_lost():
    row = ReferenceText("Über die Kälte, É!", "facility", "de", hard=True)
    assert evaluate.PERTURBATIONS["lost accents"](row, Random(0)) == "Uber die Kalte, E!"


def test_evaluation_lists_the_figures_of_a_set():
    names = [name for name, _ in evaluate.list_set_figures(read_set("city"), load_shipped_model())]
    assert {"macro-F1", "calibration error", "  category facility", "  language nl"} <= set(names)


def test_evaluation_lists_the_figures_of_the_model():
    names = [name for name, _ in evaluate.list_model_figures(read_set("authors"), load_shipped_model())]
    assert {"points lost by greeting", "points lost by signature", "weight file, bytes"} <= set(names)
