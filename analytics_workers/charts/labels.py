"""Names shortened to fit a label, so that names that differ still differ."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

CUT, JOINER, VIRAMA = "…", "\u200d", 9


def shorten_names(names: Sequence[str], width: int) -> list[str]:
    """At most `width` letters each, wide letters counting as two: cut in the middle, or nearer to one end if
    only that distinguishes them. Names that still look the same are numbered in their order."""
    middle = width // 2
    for head in sorted(range(1, width), key=lambda head: abs(head - middle)):
        labels = [cut_name(name, head, width - head - 1) for name in names]
        if len(set(labels)) == len(set(names)):
            return labels
    return [cut_name(f"{number} {name}", middle, width - middle - 1) for number, name in enumerate(names, 1)]


def cut_name(name: str, head: int, tail: int) -> str:
    """The beginning and the end of a name; all of it if it fits."""
    letters = split_letters(name)
    if sum(map(letter_width, letters)) <= head + tail + 1:
        return name
    end = take_letters(reversed(letters), tail)[::-1]
    return f"{''.join(take_letters(letters, head)).rstrip()}{CUT}{''.join(end).lstrip()}"


def take_letters(letters: Iterable[str], width: int) -> list[str]:
    """The first letters, as many as fit."""
    taken = list(letters)
    return [
        letter
        for letter, end in zip(taken, accumulate(map(letter_width, taken)), strict=True)
        if end <= width
    ]


def split_letters(name: str) -> list[str]:
    """Letters as a reader sees them: marks and what a joiner or a virama binds belong to them."""
    letters: list[str] = []
    for character in name:
        is_mark = unicodedata.category(character).startswith("M") or character == JOINER
        if letters and (is_mark or joins_next(letters[-1][-1])):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def joins_next(character: str) -> bool:
    return character == JOINER or unicodedata.combining(character) == VIRAMA


def letter_width(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter[0]) in "WF" else 1
