"""From facts to a finished result: measure, draw, and record where the numbers come from."""

import importlib
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import asdict

from analytics_workers import services
from analytics_workers.alternative_text import alt_text
from analytics_workers.catalogue import SERVICES
from analytics_workers.figures import Picture, draw_picture
from analytics_workers.frames import Facts
from analytics_workers.result_table import Table
from common import __version__
from common.analysis_messages import AnalysisResult, Lineage, result_sha256
from common.formatting import format_utc


def load_compute(service: str) -> ModuleType:
    """The compute module beside the service's definition."""
    return importlib.import_module(f"{services.__name__}.{service.replace('-', '_')}.compute")


COMPUTES = {service: load_compute(service) for service in SERVICES}


def measure(service: str, params: dict[str, Any], facts: Facts, time_zone: ZoneInfo) -> Table:
    return COMPUTES[service].measure(facts.frame, params, as_of=facts.as_of, time_zone=time_zone)


def draw(service: str, table: Table, facts: Facts, time_zone: ZoneInfo) -> Picture:
    return draw_picture(table, COMPUTES[service].chart, as_of=facts.as_of, time_zone=time_zone)


def make_result(service: str, table: Table, facts: Facts, time_zone: ZoneInfo) -> AnalysisResult:
    return AnalysisResult(
        title=table.title,
        columns=table.columns,
        rows=table.rows,
        headline=table.headline,
        notes=table.notes,
        alt_text=alt_text(table),
        drilldowns=table.drilldowns,
        lineage=Lineage(
            as_of=format_utc(facts.as_of),
            time_zone=time_zone.key,
            rows_read=len(facts.frame),
            filter=table.filter,
            formula=SERVICES[service].metric.formula,
            code_version=__version__,
            sha256=hash_table(table),
        ),
    )


def hash_table(table: Table) -> str:
    headline = asdict(table.headline) if table.headline else None
    return result_sha256([asdict(column) for column in table.columns], table.rows, headline)
