import pytest

from tests.support.chaos.figures import Figures, table

pytestmark = pytest.mark.fault_fast


def test_figure_that_misses_its_goal_fails_and_is_shown():
    properties = [("seed", 7)]
    figures = Figures(properties)
    figures.record("load", "slow answers", 0, goal="0", is_met=True)
    with pytest.raises(AssertionError, match="one_winner winners: 999, the goal is 1000"):
        figures.record("one_winner", "winners", 999, goal="1000", is_met=False)
    lines = table(properties)
    assert [line.split()[0] for line in lines] == ["load", "one_winner"]
    assert [line.endswith("NOT MET") for line in lines] == [False, True]
