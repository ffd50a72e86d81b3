"""Terms as queries of the search index (tsquery), limited to what a role may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.roles import Role
from tickets.access import VISIBLE_STATUSES
from tickets.lifecycle import Status
from tickets.search_index import NOTE_PREFIX, STATUS_PREFIX
from tickets.search_terms import Term

# The index collects every ticket with a prefix; checking a row takes as long as thirty of these.
ROW_CHECK_COST = 30
MIN_SHARE = 0.002  # what occurs in no ticket of a sample may occur in this many


@dataclass(frozen=True)
class RatedTerm:
    """A term, and how common it is among what the role may see.

    share: of the newest tickets. extensions: the words that begin with it, None if unknown. similar: words
    that contain it or differ by one typing error.
    """

    term: Term
    share: float
    occurs: bool
    extensions: Sequence[str] | None = None
    similar: Sequence[str] = ()

    @property
    def rarity(self) -> tuple[bool, float, int]:
        """Sort key: rarest first; what occurs nowhere comes last, of equal ones the longest first."""
        return (not self.occurs, self.share, -len(self.term.word))

    @property
    def can_be_found(self) -> bool:
        return self.occurs or bool(self.similar)


@dataclass(frozen=True)
class Query:
    """indexed: what the index answers. checked: what is checked in the rows that it finds, may be empty."""

    indexed: str
    checked: str = ""

    @property
    def all(self) -> str:
        return f"{self.indexed} & {self.checked}" if self.checked else self.indexed


def whole_word(term: Term, role: Role) -> str:
    return match_any(" & ".join(lexeme(word, role) for word in form) for form in term.forms)


def prefix(term: Term, role: Role) -> str:
    """The last word of a form may be a prefix."""
    return match_any(
        " & ".join([*(lexeme(word, role) for word in words), lexeme(last, role, end=":*")])
        for *words, last in term.forms
    )


def prefix_or_similar(term: RatedTerm, role: Role) -> str:
    """With a prefix, and similar words. The index finds words faster than it collects prefixes."""
    if term.extensions is None:
        alternatives = [prefix(term.term, role)]
    else:
        alternatives = [whole_word(term.term, role), *(lexeme(word, role) for word in term.extensions)]
    return match_any([*alternatives, *(lexeme(word, role) for word in term.similar)])


def lexeme(word: str, role: Role, end: str = "") -> str:
    """Words contain letters and digits only (search_fold): nothing in them needs escaping."""
    quoted = f"'{word}'{end}"
    return f"({quoted} | '{NOTE_PREFIX}{word}'{end})" if role == Role.HELPDESK else quoted


def match_any(queries: Iterable[str]) -> str:
    return f"({' | '.join(queries)})"


def match_all(queries: Iterable[str], role: Role) -> str:
    return " & ".join([*queries, *status_terms(role)])


def status_terms(role: Role) -> list[str]:
    """The tickets that the role may see; empty if it may see all."""
    if set(VISIBLE_STATUSES[role]) == set(Status):
        return []
    return [match_any(f"'{STATUS_PREFIX}{status}'" for status in VISIBLE_STATUSES[role])]


def all_whole_words(terms: Sequence[RatedTerm], role: Role) -> Query:
    return Query(match_all((whole_word(rated.term, role) for rated in terms), role))


def all_prefixes_or_similar(terms: Sequence[RatedTerm], role: Role) -> Query:
    """Very common prefixes are checked in the rows that the others find."""
    max_share = ROW_CHECK_COST * max(MIN_SHARE, min(rated.share for rated in terms))
    indexed, checked = (
        [prefix_or_similar(rated, role) for rated in terms if (rated.share <= max_share) is is_rare]
        for is_rare in (True, False)
    )
    return Query(match_all(indexed, role), " & ".join(checked))
