"""Names shortened to fit a label, so that names that differ still differ."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

CUT, JOINER, VIRAMA = "…", "\u200d", 9


def shorten_names(names: Sequence[str], room: int) -> list[str]:
    """At most `room` letters each, wide letters counting as two: cut in the middle, or nearer to one end if
    only that distinguishes them. Names that still look the same are numbered in their order."""
    middle = room // 2
    for head in sorted(range(1, room), key=lambda head: abs(head - middle)):
        labels = [cut_name(name, head, room - head - 1) for name in names]
        if len(set(labels)) == len(set(names)):
            return labels
    return [cut_name(f"{place} {name}", middle, room - middle - 1) for place, name in enumerate(names, 1)]


def cut_name(name: str, head: int, tail: int) -> str:
    """The beginning and the end of a name; all of it if it fits."""
    letters = split_letters(name)
    if sum(map(measure_letter, letters)) <= head + tail + 1:
        return name
    end = take(reversed(letters), tail)[::-1]
    return f"{''.join(take(letters, head)).rstrip()}{CUT}{''.join(end).lstrip()}"


def take(letters: Iterable[str], room: int) -> list[str]:
    """The first letters, as many as fit."""
    taken = list(letters)
    return [
        letter
        for letter, end in zip(taken, accumulate(map(measure_letter, taken)), strict=True)
        if end <= room
    ]


def split_letters(name: str) -> list[str]:
    """Letters as a reader sees them: marks and what a joiner or a virama binds belong to them."""
    letters: list[str] = []
    for sign in name:
        is_mark = unicodedata.category(sign).startswith("M") or sign == JOINER
        if letters and (is_mark or binds(letters[-1][-1])):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def binds(sign: str) -> bool:
    return sign == JOINER or unicodedata.combining(sign) == VIRAMA


def measure_letter(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter[0]) in "WF" else 1
