"""Checks of the query parameters of a list."""

from collections.abc import Iterable, Set

from django.http import QueryDict

from common.errors import Invalid

PAGE_PARAMETERS = frozenset({"cursor", "page_size"})


def refuse_unknown(requested: Iterable[str], known: Set[str] = frozenset()) -> None:
    """Raises Invalid naming the parameters that a list does not have."""
    if unknown := sorted(set(requested) - known):
        raise Invalid({name: ["Unknown parameter."] for name in unknown})


def refuse_repeated(query: QueryDict, names: Iterable[str]) -> None:
    """Of two values one would be dropped silently. Raises Invalid."""
    if repeated := sorted({name for name in names if len(query.getlist(name)) > 1}):
        raise Invalid({name: ["Must be given only once."] for name in repeated})
