"""Rows: an analysis and its charts, a schedule and its runs, a pin."""

from analytics_gateway.models.analysis import (
    FINAL_STATES,
    MAX_ATTEMPTS,
    NO_PHASE,
    Analysis,
    AnalysisChart,
    AnalysisQuerySet,
    Phase,
    State,
    campus_time_zone,
)
from analytics_gateway.models.pin import Pin, PinQuerySet
from analytics_gateway.models.schedule import ReportRun, ReportSchedule

__all__ = [
    "FINAL_STATES",
    "MAX_ATTEMPTS",
    "NO_PHASE",
    "Analysis",
    "AnalysisChart",
    "AnalysisQuerySet",
    "Phase",
    "Pin",
    "PinQuerySet",
    "ReportRun",
    "ReportSchedule",
    "State",
    "campus_time_zone",
]
