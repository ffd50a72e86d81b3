"""What the fault tests measured: one line a figure, printed as a table at the end of the run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`name` is the promise or the fault as RELIABILITY counts them (P1 to P22, F1 to F22)."""

    name: str
    what: str
    value: object
    goal: str
    is_met: bool


class Figures:
    def __init__(self) -> None:
        self.told: list[Figure] = []

    def tell(self, name: str, what: str, value: object, *, goal: str, is_met: bool) -> None:
        """Notes a figure and fails the test where it misses its goal; the table shows it in both cases."""
        self.told.append(Figure(name, what, value, goal, is_met))
        assert is_met, f"{name} {what}: {value}, the goal is {goal}"

    def lines(self) -> list[str]:
        """The table, in the order of the names."""
        told = sorted(self.told, key=lambda figure: (figure.name[0], int(figure.name[1:])))
        return [
            f"{figure.name:4} {figure.what:58} {figure.value!s:>16}   {figure.goal:24} "
            f"{'met' if figure.is_met else 'NOT MET'}"
            for figure in told
        ]
