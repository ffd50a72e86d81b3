"""How many analyses may wait at once, for people and schedules together."""

from analytics_gateway.locks import Turn, take_turn
from analytics_gateway.models import Analysis

MAX_WAITING = 100


def count_room() -> int:
    """How many more may wait. Until the transaction ends nobody else counts, so the limit is exact."""
    take_turn(Turn.WAITING)
    return max(0, MAX_WAITING - Analysis.objects.queued().count())
