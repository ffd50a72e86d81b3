"""The terms of a search, from the text that was typed or pasted.

A term is one word, or one code such as "H-204", spelled in every form in which it may be in the index.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from common.digits import parse_digits

MAX_SEARCH_LENGTH = 2_000
MAX_LEXEME_LENGTH = 60
# Scripts without spaces between words: the index contains their letters one by one and in pairs.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
NUMBER = re.compile(r"#([0-9]{1,18})(?![0-9])")
EDGES = re.compile(r"\A[\W_]+|[\W_]+\Z")
FOLD_QUERY = """
SELECT word, search_fold(word), search_fold(word, true)
FROM unnest(%s::text[]) WITH ORDINALITY AS typed (word, n) ORDER BY n
"""

Form = tuple[str, ...]  # lexemes that must all occur


@dataclass(frozen=True)
class Term:
    """word: as typed. forms: any of them matches."""

    word: str
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class ParsedSearch:
    """The terms of a text, each once, and the ticket numbers that it names."""

    terms: tuple[Term, ...]
    numbers: tuple[int, ...]
    is_number_alone: bool
    is_cut: bool


def parse_search(text: str) -> ParsedSearch:
    """Accepts any text and reads its first MAX_SEARCH_LENGTH characters."""
    used = text[:MAX_SEARCH_LENGTH].replace("\x00", " ")
    bare = EDGES.sub("", used)
    bare_number = parse_digits(bare, 18)
    numbers = [*map(int, NUMBER.findall(used)), *([] if bare_number is None else [bare_number])]
    return ParsedSearch(
        terms=tuple(without_duplicates(join_codes(fold_words(used.split())))),
        numbers=tuple(dict.fromkeys(numbers)),
        is_number_alone=bare_number is not None and "#" in used,
        is_cut=len(text.strip()) > MAX_SEARCH_LENGTH,
    )


def fold_words(words: list[str]) -> Iterator[Term]:
    """The terms of words separated by spaces. One word may be several terms: an address, a path."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD_QUERY, [words])
        for word, folded, with_e in cursor.fetchall():
            codes = list(zip(split_codes(folded), split_codes(with_e), strict=True))
            for code, variant in codes:
                shown = EDGES.sub("", word) if len(codes) == 1 else code
                yield Term(shown, tuple(dict.fromkeys([*code_forms(code), *code_forms(variant)])))


def split_codes(folded: str) -> list[str]:
    codes = (code.strip("-.") for code in folded.split())
    return [code for code in codes if code]


def code_forms(code: str) -> list[Form]:
    """The forms of one code: joined; if it has more than two parts, also part by part."""
    if UNSPACED.fullmatch(code):
        return [tuple(map("".join, pairwise(code))) or (code,)]
    parts = [part for part in code.split("-") if part]
    joined = ("".join(parts)[:MAX_LEXEME_LENGTH],)
    return [joined, tuple(part[:MAX_LEXEME_LENGTH] for part in parts)] if len(parts) > 2 else [joined]


def join_codes(terms: Iterator[Term]) -> Iterator[Term]:
    """Joins neighbours: "H 204" is also one code, and may as well be two words."""
    previous: Term | None = None
    for term in terms:
        if previous and (joined := join_code(previous, term)):
            previous = joined
            continue
        if previous:
            yield previous
        previous = term
    if previous:
        yield previous


def join_code(left: Term, right: Term) -> Term | None:
    letters, digits = left.forms[0][0], right.forms[0][0]
    is_code = letters.isalpha() and len(letters) <= 3 and re.fullmatch("[0-9]{1,6}", digits)
    if not is_code or len(left.forms) > 1 or UNSPACED.match(letters):
        return None
    return Term(f"{left.word} {right.word}", ((letters + digits,), (letters, digits)))


def without_duplicates(terms: Iterator[Term]) -> Iterator[Term]:
    """The first of those that are spelled alike."""
    seen = set()
    for term in terms:
        if term.forms not in seen:
            seen.add(term.forms)
            yield term
