import pytest

from tests.chaos.figures import Figures, table

pytestmark = pytest.mark.fault_fast


def test_figure_that_misses_its_goal_fails_and_is_shown():
    properties = [("seed", 7)]
    figures = Figures(properties)
    figures.tell("P10", "slow answers", 0, goal="0", is_met=True)
    with pytest.raises(AssertionError, match="P6 winners: 999, the goal is 1000"):
        figures.tell("P6", "winners", 999, goal="1000", is_met=False)
    lines = table(properties)
    assert [line.split()[0] for line in lines] == ["P6", "P10"]
    assert [line.endswith("NOT MET") for line in lines] == [True, False]
