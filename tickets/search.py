"""The tickets that a text finds, best matches first.

All terms as whole words come first, then those with a word that begins with a term, then words that contain a
term or differ by one typing error. If no ticket has all terms, those with the rarest ones are found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from common.roles import Role
from tickets.search_index import BLOCK_BITS
from tickets.search_queries import (
    Query,
    RatedTerm,
    all_prefixes_or_similar,
    all_whole_words,
    match_all,
    prefix,
    status_terms,
    whole_word,
)
from tickets.search_terms import MAX_SEARCH_LENGTH, Term, parse_search
from tickets.similar_words import SimilarWords, find_similar
from tickets.ticket_counters import MAX_COUNTED_IN_SCAN

MAX_HITS = 3_000  # more are not ranked
MAX_TERMS = 8
WIDEN_BELOW = 25  # with fewer hits, similar words are searched too
NO_LIMIT = 2**31 - 1
SAMPLE_SIZE = 500  # newest tickets, from which the frequency of a term is estimated
MAX_CHECKS = 10_000  # terms times tickets in the sample
DENSE_SHARE = 0.05  # share of tickets above which reading rows is faster than the index
MAX_POSTINGS = 20_000  # above it, walking through the newest tickets is faster than the index
WHOLE_WORDS_NOTICE = (
    f"More than {MAX_HITS:,} tickets contain words starting with these. Only whole words are matched."
)

ESTIMATE_FREQUENCIES = """
SELECT seen, is_there, (SELECT reltuples FROM pg_class WHERE oid = 'tickets_ticketsearch'::regclass)
FROM search_look(%s, %s, %s) ORDER BY place
"""
NEWEST_HITS = "SELECT first_id, tickets FROM search_newest(%s, %s)"
OPENED_SINCE = """
SELECT EXISTS (
    SELECT FROM generate_series((SELECT min(id) >> %s FROM tickets_ticket), %s) AS block (number)
    WHERE EXISTS (SELECT FROM tickets_ticket WHERE (id >> %s) = block.number AND opened_at >= %s)
)
"""
HITS = "SELECT tier, array_agg(ticket) FROM search_hits(%s, %s, %s, %s) GROUP BY tier"


@dataclass(frozen=True)
class Hits:
    """The tickets that a text finds. tiers: ids of tickets, the best first; an id may be in several.

    scan_query: if there are more than MAX_HITS, the query (tsquery) that each of them matches, and no tiers.
    known_ids: those of them that are known already. is_dense: whether too many match for the index to help.
    notices: messages about what was searched instead of what was typed. newest_from: if only the newest
    tickets were searched, the first id of those.
    """

    tiers: tuple[tuple[int, ...], ...] = ()
    scan_query: str = ""
    known_ids: tuple[int, ...] = ()
    is_dense: bool = False
    notices: tuple[str, ...] = ()
    newest_from: int = 0


@dataclass(frozen=True)
class SearchStep:
    """One query, run if fewer than `below` tickets were found. notice: the message about its hits."""

    query: Query
    below: int = NO_LIMIT
    notice: str = ""


def find_hits(text: str, role: Role, *, newest_only: bool = False) -> Hits:
    """The tickets that a text finds among those that the role may see. Any text is accepted.

    newest_only: if the newest tickets have more than MAX_COUNTED_IN_SCAN hits of the first tier that has any,
    only those.
    """
    parsed = parse_search(text)
    by_number = find_by_number(parsed.numbers, role)
    if not parsed.terms or (by_number and parsed.is_number_alone):
        return Hits((by_number,))
    hits = search(parsed.terms, role, newest_only=newest_only)
    if by_number:
        hits = replace(hits, tiers=(by_number, *hits.tiers), scan_query="")
    if parsed.is_cut:
        hits = replace(
            hits, notices=(f"Only the first {MAX_SEARCH_LENGTH:,} characters are searched.", *hits.notices)
        )
    return hits


def find_by_number(numbers: Sequence[int], role: Role) -> tuple[int, ...]:
    """Those of the numbers that are tickets."""
    if not numbers:
        return ()
    query = "SELECT ticket_id FROM tickets_ticketsearch WHERE ticket_id = ANY(%s)"
    seen = status_terms(role)
    with connection.cursor() as cursor:
        cursor.execute(query + " AND vector @@ %s::tsquery" * len(seen), [list(numbers), *seen])
        return tuple(row[0] for row in cursor.fetchall())


def search(terms: Sequence[Term], role: Role, *, newest_only: bool) -> Hits:
    rated, word_frequency, prefix_frequency = rate_terms(terms, role)
    if len(rated) > MAX_TERMS:
        used = rarest_terms(rated)
        hits = run_steps(plan_steps(used, role, prefixes_below=WIDEN_BELOW))
        notice = f"Only the {len(used)} rarest of {len(rated)} words were used: {quote_words(used)}."
        return replace(hits, notices=(notice, *hits.notices))
    if word_frequency.tickets > MAX_POSTINGS:
        return Hits(
            scan_query=all_whole_words(rated, role).all,
            is_dense=word_frequency.is_dense,
            notices=(WHOLE_WORDS_NOTICE,),
        )
    if prefix_frequency.tickets > MAX_POSTINGS:
        hits = run_steps([SearchStep(all_whole_words(rated, role))])
        if any(hits.tiers):
            return replace(hits, notices=(WHOLE_WORDS_NOTICE,))
        return Hits(scan_query=all_prefixes_or_similar(rated, role).all, is_dense=prefix_frequency.is_dense)
    newest = find_newest(all_whole_words(rated, role)) if newest_only and all_occur(rated) else None
    return newest or search_similar(add_similar(rated, role), role, newest_only=newest_only)


def all_occur(rated: Sequence[RatedTerm]) -> bool:
    return all(term.occurs for term in rated)


def find_newest(query: Query, notices: tuple[str, ...] = ()) -> Hits | None:
    """The newest tickets that it matches; None if they are too few, if these are all tickets, or if rows must
    be checked."""
    if query.checked:
        return None
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_HITS, [query.indexed, MAX_COUNTED_IN_SCAN])
        first_id, tickets = cursor.fetchone() or (0, [])
    if len(tickets) <= MAX_COUNTED_IN_SCAN:
        return None
    return Hits((tuple(tickets),), newest_from=first_id, notices=notices)


def is_any_opened_since(moment: datetime, *, before_id: int) -> bool:
    """Whether a ticket with a smaller id than the newest blocks was opened at that moment or later, as after
    an import."""
    with connection.cursor() as cursor:
        cursor.execute(OPENED_SINCE, [BLOCK_BITS, (before_id >> BLOCK_BITS) - 1, BLOCK_BITS, moment])
        [[is_found]] = cursor.fetchall()
        return bool(is_found)


def search_similar(rated: Sequence[RatedTerm], role: Role, *, newest_only: bool) -> Hits:
    """A misspelt word is in no ticket, so that its similar words are the first tier. One of them may be very
    common: only the newest tickets show which."""
    newest = None
    if not all_occur(rated) and all(term.can_be_found for term in rated):
        query, notices = all_prefixes_or_similar(rated, role), (describe_misspelt(rated),)
        [[frequency, _]] = estimate_frequencies([query.all], 0, SAMPLE_SIZE)
        if frequency.tickets > MAX_POSTINGS:
            return Hits(scan_query=query.all, is_dense=frequency.is_dense, notices=notices)
        newest = find_newest(query, notices) if newest_only else None
    return newest or run_steps(plan_steps(rated, role))


@dataclass(frozen=True)
class Frequency:
    """About how many tickets have all terms: as a share of the newest ones, and in all."""

    share: float = 0
    tickets: float = 0

    @property
    def is_dense(self) -> bool:
        return self.share >= DENSE_SHARE


def rate_terms(terms: Sequence[Term], role: Role) -> tuple[list[RatedTerm], Frequency, Frequency]:
    """How common the terms are, estimated from the newest tickets; of up to MAX_TERMS also how common all
    are together, as whole words and as beginnings."""
    sample = min(SAMPLE_SIZE, max(1, MAX_CHECKS // len(terms)))
    queries = [match_all([prefix(term, role)], role) for term in terms]
    if len(terms) <= MAX_TERMS:
        queries += [
            match_all([make_query(term, role) for term in terms], role) for make_query in (whole_word, prefix)
        ]
    estimates = estimate_frequencies(queries, len(terms), sample)
    rated = [
        RatedTerm(term, frequency.share, occurs)
        for term, (frequency, occurs) in zip(terms, estimates, strict=False)
    ]
    combined = [frequency for frequency, _ in estimates[len(terms) :]]
    return rated, *(combined or (Frequency(), Frequency()))


def estimate_frequencies(queries: Sequence[str], terms: int, sample: int) -> list[tuple[Frequency, bool]]:
    """How many tickets each query finds, estimated from the newest ones. Of the first `terms` also whether
    it finds any at all."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE_FREQUENCIES, [list(queries), terms, sample])
        return [
            (Frequency(seen / sample, seen / sample * tickets), occurs)
            for seen, occurs, tickets in cursor.fetchall()
        ]


def rarest_terms(rated: Sequence[RatedTerm]) -> list[RatedTerm]:
    """In the order in which they were typed; a term that occurs nowhere only if none occurs."""
    found = [term for term in rated if term.occurs] or list(rated)
    rarest = sorted(found, key=lambda term: term.rarity)[:MAX_TERMS]
    return [term for term in found if term in rarest]


def add_similar(rated: Sequence[RatedTerm], role: Role) -> list[RatedTerm]:
    """A term that occurs nowhere may be misspelt; each may be part of longer words."""
    words = {one.term.forms[0][0]: one for one in rated if len(one.term.forms[0]) == 1}
    misspelt = [word for word, one in words.items() if not one.occurs]
    similar = find_similar(words, misspelt, role)
    return [add_similar_words(one, similar.get(one.term.forms[0][0])) for one in rated]


def add_similar_words(rated: RatedTerm, words: SimilarWords | None) -> RatedTerm:
    return replace(rated, extensions=words.extensions, similar=words.others) if words else rated


def plan_steps(rated: Sequence[RatedTerm], role: Role, *, prefixes_below: int = NO_LIMIT) -> list[SearchStep]:
    """From the best hits to the widest, then with ever fewer terms, the rarest ones."""
    without_similar = [replace(term, similar=()) for term in rated]
    with_all = [SearchStep(all_whole_words(without_similar, role))]
    if any(term.extensions is None or term.extensions for term in without_similar):
        with_all.append(SearchStep(all_prefixes_or_similar(without_similar, role), prefixes_below))
    if any(term.similar for term in rated):
        with_all.append(
            SearchStep(all_prefixes_or_similar(rated, role), WIDEN_BELOW, describe_misspelt(rated))
        )
    with_fewer = [
        SearchStep(
            all_prefixes_or_similar(fewer, role),
            1,
            f"No ticket contains all of these words. Showing tickets with {quote_words(fewer)}.",
        )
        for fewer in fewer_terms(rated)
    ]
    return (with_all if all(term.can_be_found for term in rated) else []) + with_fewer


def fewer_terms(rated: Sequence[RatedTerm]) -> Iterator[list[RatedTerm]]:
    usable = sorted((term for term in rated if term.can_be_found), key=lambda term: term.rarity)
    for count in range(min(len(usable), len(rated) - 1), 0, -1):
        yield [term for term in rated if term in usable[:count]]


def describe_misspelt(rated: Sequence[RatedTerm]) -> str:
    missing = [term for term in rated if not term.occurs]
    return f"No ticket contains {quote_words(missing)}. Showing similar words." if missing else ""


def quote_words(rated: Sequence[RatedTerm]) -> str:
    return ", ".join(f"“{rated_term.term.word}”" for rated_term in rated)


def run_steps(steps: Sequence[SearchStep]) -> Hits:
    """The hits of each step. A step with too many is dropped if earlier steps have some, else walked."""
    if not steps:
        return Hits()
    with connection.cursor() as cursor:
        columns = zip(*((step.query.indexed, step.query.checked, step.below) for step in steps), strict=True)
        cursor.execute(HITS, [*map(list, columns), MAX_HITS])
        found = dict(cursor.fetchall())
    tiers = [tuple(found.get(n, ())) for n in range(1, len(steps) + 1)]
    first = next((n for n, tier in enumerate(tiers) if tier), None)
    if first is None:
        return Hits()
    notices = tuple(filter(None, [steps[first].notice]))
    if len(tiers[first]) > MAX_HITS:
        return Hits(scan_query=steps[first].query.all, known_ids=tiers[first], notices=notices)
    if any(len(tier) > MAX_HITS for tier in tiers):
        notices = (*notices, WHOLE_WORDS_NOTICE)
    # Without the empty tiers: the ranks in a page's URL must not reveal which queries found nothing.
    return Hits(tuple(tier for tier in tiers if 0 < len(tier) <= MAX_HITS), notices=notices)
