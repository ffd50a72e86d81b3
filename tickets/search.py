"""The tickets that a text finds, the right ones first.

All terms as whole words come first, then those with a word that only begins with a term, then words that
contain a term or are one slip away. Where no ticket has all terms, those with the rarest ones are found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import connection

from common.roles import Role
from tickets.search_queries import Query, Rated, all_of, all_whole, all_wider, beginning, statuses_of, whole
from tickets.search_terms import LONGEST_SEARCH, Term, read_typed
from tickets.similar_words import Similar, find_similar

MOST_HITS = 3_000  # more are not ranked
MOST_TERMS = 8
FEW_HITS = 25  # of fewer the wider words are searched too
ALWAYS = 2**31 - 1
SAMPLE = 500  # newest tickets that tell how common a term is
MOST_CHECKS = 10_000  # terms times tickets of the sample
DENSE = 0.05  # share of the tickets above which reading them one by one is quicker than the index
MOST_POSTINGS = 20_000  # above it a walk through the newest tickets is quicker than the index
WHOLE_ONLY = f"More than {MOST_HITS:,} tickets have a word that begins like these: only whole words count."

LOOK = """
SELECT seen, is_there, (SELECT reltuples FROM pg_class WHERE oid = 'tickets_ticketsearch'::regclass)
FROM search_look(%s, %s, %s) ORDER BY place
"""
HITS = "SELECT tier, array_agg(ticket) FROM search_hits(%s, %s, %s, %s) GROUP BY tier"


@dataclass(frozen=True)
class Hits:
    """What a text finds. tiers: ids of tickets, the best ones first; an id may stand in several.

    walk: where there are more than MOST_HITS, the query (tsquery) that each of them answers, and no tiers;
    some: those of them that are known already. is_dense: whether they are too many for the index to help.
    notices: sentences about what was searched instead of what was typed.
    """

    tiers: tuple[tuple[int, ...], ...] = ()
    walk: str = ""
    some: tuple[int, ...] = ()
    is_dense: bool = False
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One query, asked while fewer than so many tickets were found. notice: what to say of what it finds."""

    query: Query
    while_under: int = ALWAYS
    notice: str = ""


def find_hits(text: str, role: Role) -> Hits:
    """The tickets that a text finds among those that the role may know of, whatever the text is."""
    typed = read_typed(text)
    named = find_existing(typed.numbers, role)
    if not typed.terms or (named and typed.is_number_alone):
        return Hits((named,))
    hits = search(typed.terms, role)
    if named:
        hits = replace(hits, tiers=(named, *hits.tiers), walk="")
    if typed.is_cut:
        hits = replace(hits, notices=(f"Only the first {LONGEST_SEARCH:,} characters count.", *hits.notices))
    return hits


def find_existing(numbers: Sequence[int], role: Role) -> tuple[int, ...]:
    """Those of the numbers that are tickets."""
    if not numbers:
        return ()
    query = "SELECT ticket_id FROM tickets_ticketsearch WHERE ticket_id = ANY(%s)"
    seen = statuses_of(role)
    with connection.cursor() as cursor:
        cursor.execute(query + " AND vector @@ %s::tsquery" * len(seen), [list(numbers), *seen])
        return tuple(row[0] for row in cursor.fetchall())


def search(terms: Sequence[Term], role: Role) -> Hits:
    rated, words, beginnings = rate(terms, role)
    if len(rated) > MOST_TERMS:
        used = pick_rarest(rated)
        hits = run(plan(used, role, beginnings_under=FEW_HITS))
        sentence = f"Searched for the {len(used)} rarest of {len(rated)} words: {name_words(used)}."
        return replace(hits, notices=(sentence, *hits.notices))
    if words.tickets > MOST_POSTINGS:
        return Hits(walk=all_whole(rated, role).all, is_dense=words.is_dense, notices=(WHOLE_ONLY,))
    if beginnings.tickets > MOST_POSTINGS:
        hits = run([Step(all_whole(rated, role))])
        if any(hits.tiers):
            return replace(hits, notices=(WHOLE_ONLY,))
        return Hits(walk=all_wider(rated, role).all, is_dense=beginnings.is_dense)
    return search_similar(add_similar(rated, role), role)


def search_similar(rated: Sequence[Rated], role: Role) -> Hits:
    """A misspelt word may be like a very common one: only the newest tickets tell."""
    if name_misspelt(rated) and all(one.can_be_found for one in rated):
        wider = all_wider(rated, role).all
        [[together, _]] = look([wider], 0, SAMPLE)
        if together.tickets > MOST_POSTINGS:
            return Hits(walk=wider, is_dense=together.is_dense, notices=(name_misspelt(rated),))
    return run(plan(rated, role))


@dataclass(frozen=True)
class Together:
    """About how many tickets have all terms: as a share of the newest ones, and in all."""

    share: float = 0
    tickets: float = 0

    @property
    def is_dense(self) -> bool:
        return self.share >= DENSE


def rate(terms: Sequence[Term], role: Role) -> tuple[list[Rated], Together, Together]:
    """How common the terms are, told by the newest tickets; of up to MOST_TERMS also how common all are
    together, as whole words and as beginnings."""
    sample = min(SAMPLE, max(1, MOST_CHECKS // len(terms)))
    queries = [all_of([beginning(term, role)], role) for term in terms]
    if len(terms) <= MOST_TERMS:
        queries += [all_of([spelled(term, role) for term in terms], role) for spelled in (whole, beginning)]
    looked = look(queries, len(terms), sample)
    rated = [Rated(term, of.share, is_there) for term, (of, is_there) in zip(terms, looked, strict=False)]
    together = [of for of, _ in looked[len(terms) :]]
    return rated, *(together or (Together(), Together()))


def look(queries: Sequence[str], terms: int, sample: int) -> list[tuple[Together, bool]]:
    """How many tickets each query finds, told by the newest ones. Of the first `terms` also whether it finds
    any at all."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [list(queries), terms, sample])
        return [
            (Together(seen / sample, seen / sample * tickets), is_there)
            for seen, is_there, tickets in cursor.fetchall()
        ]


def pick_rarest(rated: Sequence[Rated]) -> list[Rated]:
    """In the order in which they were typed; one that is nowhere only where all are."""
    known = [one for one in rated if one.is_there] or list(rated)
    rarest = sorted(known, key=lambda one: one.rarity)[:MOST_TERMS]
    return [one for one in known if one in rarest]


def add_similar(rated: Sequence[Rated], role: Role) -> list[Rated]:
    """A term that is nowhere may be misspelt; each may be part of longer words."""
    words = {one.term.forms[0][0]: one for one in rated if len(one.term.forms[0]) == 1}
    misspelt = [word for word, one in words.items() if not one.is_there]
    similar = find_similar(words, misspelt, role)
    return [add_words(one, similar.get(one.term.forms[0][0])) for one in rated]


def add_words(rated: Rated, words: Similar | None) -> Rated:
    return replace(rated, longer=words.longer, similar=words.others) if words else rated


def plan(rated: Sequence[Rated], role: Role, *, beginnings_under: int = ALWAYS) -> list[Step]:
    """From the best hits to the widest, then with ever fewer terms, the rarest ones."""
    words = [replace(one, similar=()) for one in rated]
    with_all = [Step(all_whole(words, role))]
    if any(one.longer is None or one.longer for one in words):
        with_all.append(Step(all_wider(words, role), beginnings_under))
    if any(one.similar for one in rated):
        with_all.append(Step(all_wider(rated, role), FEW_HITS, name_misspelt(rated)))
    with_fewer = [
        Step(all_wider(fewer, role), 1, f"No ticket has all of these words. These have {name_words(fewer)}.")
        for fewer in drop_terms(rated)
    ]
    return (with_all if all(one.can_be_found for one in rated) else []) + with_fewer


def drop_terms(rated: Sequence[Rated]) -> Iterator[list[Rated]]:
    found = sorted((one for one in rated if one.can_be_found), key=lambda one: one.rarity)
    for count in range(min(len(found), len(rated) - 1), 0, -1):
        yield [one for one in rated if one in found[:count]]


def name_misspelt(rated: Sequence[Rated]) -> str:
    nowhere = [one for one in rated if not one.is_there]
    return f"No ticket has {name_words(nowhere)}. These have a similar word." if nowhere else ""


def name_words(rated: Sequence[Rated]) -> str:
    return ", ".join(f"“{one.term.word}”" for one in rated)


def run(steps: Sequence[Step]) -> Hits:
    """The hits of each step. One with too many is dropped where the steps before have some, else walked."""
    if not steps:
        return Hits()
    with connection.cursor() as cursor:
        columns = zip(
            *((step.query.indexed, step.query.checked, step.while_under) for step in steps), strict=True
        )
        cursor.execute(HITS, [*map(list, columns), MOST_HITS])
        found = dict(cursor.fetchall())
    tiers = [tuple(found.get(n, ())) for n in range(1, len(steps) + 1)]
    first = next((n for n, tier in enumerate(tiers) if tier), None)
    if first is None:
        return Hits()
    notices = tuple(filter(None, [steps[first].notice]))
    if len(tiers[first]) > MOST_HITS:
        return Hits(walk=steps[first].query.all, some=tiers[first], notices=notices)
    kept = tuple(tier for tier in tiers if len(tier) <= MOST_HITS)
    return Hits(kept, notices=notices if len(kept) == len(tiers) else (*notices, WHOLE_ONLY))
