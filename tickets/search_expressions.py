"""SQL expressions that a search needs and Django lacks."""

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Func, Value


class IsAnyOf(Func):
    """Whether a number is one of many, which are a single parameter however many they are."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class Matches(Func):
    """Whether a vector matches a query (tsquery)."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class MatchesUnindexed(Matches):
    """For queries that so many rows match that reading rows is faster: an index supports `@@` only."""

    template = "ts_match_vq(%(expressions)s::tsquery)"
    arg_joiner = ", "


def is_any_of(pks: Sequence[int]) -> IsAnyOf:
    return IsAnyOf(F("pk"), Value(f"{{{','.join(map(str, pks))}}}"))
