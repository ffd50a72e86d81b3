"""Terms as queries over the search index (tsquery), no wider than a role may look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tickets.access import SEEN, Role
from tickets.lifecycle import Status
from tickets.search_index import NOTE, STATUS
from tickets.search_terms import Term

COMMON = 0.2  # share of the tickets above which the index is not asked for a beginning


@dataclass(frozen=True)
class Rated:
    """A term, and how common it is among what the role may see.

    share: of the newest tickets. similar: words that contain it or are one slip away.
    """

    term: Term
    share: float
    is_there: bool
    similar: Sequence[str] = ()

    @property
    def rarity(self) -> tuple[bool, float, int]:
        """Sorts the rarest first; what is nowhere comes last, of equal ones the longest first."""
        return (not self.is_there, self.share, -len(self.term.word))

    @property
    def can_be_found(self) -> bool:
        return self.is_there or bool(self.similar)


@dataclass(frozen=True)
class Query:
    """indexed: what the index answers. checked: what is looked up in the rows that it finds, may be empty."""

    indexed: str
    checked: str = ""

    @property
    def all(self) -> str:
        return f"{self.indexed} & {self.checked}" if self.checked else self.indexed


def whole(term: Term, role: Role) -> str:
    return any_of(" & ".join(lexeme(word, role) for word in form) for form in term.forms)


def beginning(term: Term, role: Role) -> str:
    """The last word of a form may go on."""
    return any_of(
        " & ".join([*(lexeme(word, role) for word in words), lexeme(last, role, end=":*")])
        for *words, last in term.forms
    )


def wider(rated: Rated, role: Role) -> str:
    return any_of([beginning(rated.term, role), *(lexeme(word, role) for word in rated.similar)])


def lexeme(word: str, role: Role, end: str = "") -> str:
    """Words hold letters and digits only (search_fold): nothing in them needs to be escaped."""
    plain = f"'{word}'{end}"
    return f"({plain} | '{NOTE}{word}'{end})" if role == Role.HELPDESK else plain


def any_of(queries: Iterable[str]) -> str:
    return f"({' | '.join(queries)})"


def all_of(queries: Iterable[str], role: Role) -> str:
    return " & ".join([*queries, *statuses_of(role)])


def statuses_of(role: Role) -> list[str]:
    """The tickets that the role may know of; nothing where it may know of all."""
    if set(SEEN[role]) == set(Status):
        return []
    return [any_of(f"'{STATUS}{status}'" for status in SEEN[role])]


def all_whole(rated: Sequence[Rated], role: Role) -> Query:
    return Query(all_of((whole(one.term, role) for one in rated), role))


def all_wider(rated: Sequence[Rated], role: Role) -> Query:
    """The index collects every word with a beginning: common ones are looked up in the rows of the others."""
    common = [one for one in rated if one.share >= COMMON]
    rare = [one for one in rated if one.share < COMMON] or common
    checked = common if rare is not common else []
    return Query(
        all_of((wider(one, role) for one in rare), role),
        " & ".join(wider(one, role) for one in checked),
    )
