"""Terms as queries over the search index (tsquery), no wider than a role may look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.roles import Role
from tickets.access import SEEN
from tickets.lifecycle import Status
from tickets.search_index import NOTE, STATUS
from tickets.search_terms import Term

# The index collects every ticket with a beginning; to look into a row takes as long as thirty of these.
LOOK_COST = 30
LEAST_SHARE = 0.002  # what stands in no ticket of a sample may stand in so many


@dataclass(frozen=True)
class Rated:
    """A term, and how common it is among what the role may see.

    share: of the newest tickets. longer: the words that begin with it, None where they are not known.
    similar: words that contain it or are one slip away.
    """

    term: Term
    share: float
    is_there: bool
    longer: Sequence[str] | None = None
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
    """With a beginning, and similar words. The index finds words quicker than it collects beginnings."""
    if rated.longer is None:
        begun = [beginning(rated.term, role)]
    else:
        begun = [whole(rated.term, role), *(lexeme(word, role) for word in rated.longer)]
    return any_of([*begun, *(lexeme(word, role) for word in rated.similar)])


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
    """Very common beginnings are looked up in the rows of the others."""
    most = LOOK_COST * max(LEAST_SHARE, min(one.share for one in rated))
    indexed, checked = (
        [wider(one, role) for one in rated if (one.share <= most) is is_rare] for is_rare in (True, False)
    )
    return Query(all_of(indexed, role), " & ".join(checked))
