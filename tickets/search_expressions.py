"""SQL that a search needs and Django does not have."""

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Func, Value


class IsAnyOf(Func):
    """Whether a number is one of many, which are one text: Django would look at each member of an array."""

    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class Answers(Func):
    """Whether a vector has what a query (tsquery) asks for."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class AnswersUnindexed(Answers):
    """Where so many answer that rows are read until there are enough: the index knows `@@` only."""

    template = "ts_match_vq(%(expressions)s::tsquery)"
    arg_joiner = ", "


def is_any_of(pks: Sequence[int]) -> IsAnyOf:
    return IsAnyOf(F("pk"), Value(f"{{{','.join(map(str, pks))}}}"))
