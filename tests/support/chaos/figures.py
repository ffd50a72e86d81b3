"""The figures that the fault tests measure: one line each, printed as a table at the end of the run."""

from collections.abc import Iterable

PROPERTY = "figure"  # of a test's report: (name, line), which pytest-xdist can send between processes


class Figures:
    """The figures of one test, written into the properties of its report."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self.properties = properties

    def record(self, name: str, what: str, value: object, *, goal: str, is_met: bool) -> None:
        """Records a figure and fails the test if it misses its goal; the table shows it in both cases.

        `name` is the name of the promise in docs/reliability.md.
        """
        line = f"{name:20} {what:58} {value!s:>16}   {goal:24} {'met' if is_met else 'NOT MET'}"
        self.properties.append((PROPERTY, (name, line)))
        assert is_met, f"{name} {what}: {value}, the goal is {goal}"


def table(properties: Iterable[tuple[str, object]]) -> list[str]:
    """The lines of all tests, in the order of the names."""
    figures = [figure for name, figure in properties if name == PROPERTY]
    return [line for name, line in sorted(figures, key=lambda figure: figure[0])]
