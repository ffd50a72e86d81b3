import pytest

from tests.faults.figures import Figures

pytestmark = pytest.mark.fault_fast


def test_figure_that_misses_its_goal_fails_and_is_shown():
    figures = Figures()
    figures.tell("P10", "slow answers", 0, goal="0", is_met=True)
    with pytest.raises(AssertionError, match="P6 winners: 999, the goal is 1000"):
        figures.tell("P6", "winners", 999, goal="1000", is_met=False)
    assert [line.split()[0] for line in figures.lines()] == ["P6", "P10"]
    assert [line.endswith("NOT MET") for line in figures.lines()] == [True, False]
