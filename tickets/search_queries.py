"""Terms as queries of the search index (tsquery), limited to what a role may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.roles import Role
from tickets.access import SEEN
from tickets.lifecycle import Status
from tickets.search_index import NOTE, STATUS
from tickets.search_terms import Term

# The index collects every ticket with a prefix; checking a row takes as long as thirty of these.
LOOK_COST = 30
LEAST_SHARE = 0.002  # what occurs in no ticket of a sample may occur in this many


@dataclass(frozen=True)
class Rated:
    """A term, and how common it is among what the role may see.

    share: of the newest tickets. longer: the words that begin with it, None if unknown. similar: words that
    contain it or differ by one typing error.
    """

    term: Term
    share: float
    is_there: bool
    longer: Sequence[str] | None = None
    similar: Sequence[str] = ()

    @property
    def rarity(self) -> tuple[bool, float, int]:
        """Sort key: rarest first; what occurs nowhere comes last, of equal ones the longest first."""
        return (not self.is_there, self.share, -len(self.term.word))

    @property
    def can_be_found(self) -> bool:
        return self.is_there or bool(self.similar)


@dataclass(frozen=True)
class Query:
    """indexed: what the index answers. checked: what is checked in the rows that it finds, may be empty."""

    indexed: str
    checked: str = ""

    @property
    def all(self) -> str:
        return f"{self.indexed} & {self.checked}" if self.checked else self.indexed


def whole(term: Term, role: Role) -> str:
    return any_of(" & ".join(lexeme(word, role) for word in form) for form in term.forms)


def beginning(term: Term, role: Role) -> str:
    """The last word of a form may be a prefix."""
    return any_of(
        " & ".join([*(lexeme(word, role) for word in words), lexeme(last, role, end=":*")])
        for *words, last in term.forms
    )


def wider(rated: Rated, role: Role) -> str:
    """With a prefix, and similar words. The index finds words faster than it collects prefixes."""
    if rated.longer is None:
        begun = [beginning(rated.term, role)]
    else:
        begun = [whole(rated.term, role), *(lexeme(word, role) for word in rated.longer)]
    return any_of([*begun, *(lexeme(word, role) for word in rated.similar)])


def lexeme(word: str, role: Role, end: str = "") -> str:
    """Words contain letters and digits only (search_fold): nothing in them needs escaping."""
    plain = f"'{word}'{end}"
    return f"({plain} | '{NOTE}{word}'{end})" if role == Role.HELPDESK else plain


def any_of(queries: Iterable[str]) -> str:
    return f"({' | '.join(queries)})"


def all_of(queries: Iterable[str], role: Role) -> str:
    return " & ".join([*queries, *statuses_of(role)])


def statuses_of(role: Role) -> list[str]:
    """The tickets that the role may see; empty if it may see all."""
    if set(SEEN[role]) == set(Status):
        return []
    return [any_of(f"'{STATUS}{status}'" for status in SEEN[role])]


def all_whole(rated: Sequence[Rated], role: Role) -> Query:
    return Query(all_of((whole(one.term, role) for one in rated), role))


def all_wider(rated: Sequence[Rated], role: Role) -> Query:
    """Very common prefixes are checked in the rows that the others find."""
    most = LOOK_COST * max(LEAST_SHARE, min(one.share for one in rated))
    indexed, checked = (
        [wider(one, role) for one in rated if (one.share <= most) is is_rare] for is_rare in (True, False)
    )
    return Query(all_of(indexed, role), " & ".join(checked))
