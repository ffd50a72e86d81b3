"""The shape of drill-downs in a result, and how they are made. Where they lead: tests/test_drilldown.py."""

import copy
import json

import pytest
from msgspec.structs import asdict, replace

from analytics_workers.measuring.drilldown import make_drilldowns, opened_between, outside_buildings
from common.analysis_messages import AnalysisResult, Column, result_sha256
from common.drilldown import Drilldown, Drilldowns
from tests.support.api_server import AS_OF
from tests.support.results import make_result

DRILLDOWN = {"count": 3, "filters": {"status": ["open", "active"]}}
DRILLDOWNS = {"headline": DRILLDOWN, "rows": [{"tickets": DRILLDOWN}, {}, {"tickets": DRILLDOWN}]}
COUNTED = [Column("category", "Category", ""), Column("tickets", "Tickets", "tickets")]
ROWS = [["facility", 3], ["it", 0], ["services", 3]]
COLUMNS = [Column("day", "Day", ""), Column("open", "Open", "tickets"), Column("active", "Active", "tickets")]


def make_counts() -> AnalysisResult:
    plain = make_result()
    sha256 = result_sha256([asdict(column) for column in COUNTED], ROWS, asdict(plain.headline))
    return replace(plain, columns=COUNTED, rows=ROWS, lineage=replace(plain.lineage, sha256=sha256))


def read(drilldowns: object) -> AnalysisResult:
    return AnalysisResult.from_json(json.dumps(make_counts().to_dict() | {"doors": drilldowns}))


def damage(*path: str | int, value: object) -> dict:
    """DRILLDOWNS with one part of it replaced."""
    drilldowns = copy.deepcopy(DRILLDOWNS)
    part = drilldowns
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return drilldowns


def test_drilldowns_survive_a_round_trip():
    result = read(DRILLDOWNS)
    assert result.drilldowns.rows[0] == {"tickets": Drilldown(3, {"status": ["open", "active"]})}
    assert result.to_dict()["doors"] == DRILLDOWNS
    assert AnalysisResult.from_json(result.to_json()) == result
    assert read(DRILLDOWNS | {"headline": None}).drilldowns.headline is None


def test_result_without_drilldowns_survives_a_round_trip():
    assert "doors" not in make_counts().to_dict()
    assert read(None) == make_counts()


def test_drilldowns_are_not_part_of_the_checksum():
    assert replace(read(DRILLDOWNS), drilldowns=None) == make_counts()


@pytest.mark.parametrize(
    "drilldowns",
    [
        [],
        {},
        {"rows": DRILLDOWNS["rows"]},
        DRILLDOWNS | {"windows": []},
        damage("rows", value=DRILLDOWNS["rows"][:2]),
        damage("rows", value={}),
        damage("rows", 0, value=[]),
        damage("rows", 0, "no such column", value=DRILLDOWN),
        damage("rows", 0, "category", value=DRILLDOWN),
        damage("rows", 1, "tickets", value=DRILLDOWN),
        damage("rows", 2, "tickets", "count", value=4),
        damage("rows", 0, "tickets", value=None),
        damage("rows", 0, "tickets", "count", value=0),
        damage("rows", 0, "tickets", "count", value=True),
        damage("rows", 0, "tickets", "count", value="3"),
        damage("headline", "filters", value=[]),
        damage("headline", "filters", "status", value="open"),
        damage("headline", "filters", "status", value=[1]),
        damage("headline", "filters", "status", value=[""]),
        damage("headline", "filters", "status", value=["a\x00"]),
    ],
)
def test_result_refuses_wrong_drilldowns_and_names_them(drilldowns):
    with pytest.raises(ValueError, match=r"^(result\.)?doors"):
        read(drilldowns)


def test_make_drilldowns_omits_counts_of_zero():
    rows = [["Monday", 2, 0], ["Tuesday", 0, 0]]
    filters = [{"open": {"q": [row[0]]}, "active": {"q": ["x"]}} for row in rows]
    drilldowns = make_drilldowns(COLUMNS, rows, filters, whole={"q": ["y"]}, total=2)
    assert drilldowns == Drilldowns(
        Drilldown(2, {"q": ["y"]}), [{"open": Drilldown(2, {"q": ["Monday"]})}, {}]
    )
    assert make_drilldowns(COLUMNS, [], [], whole={}, total=0) == Drilldowns(None, [])


def test_opened_between_sets_both_ends():
    assert opened_between(AS_OF, AS_OF) == {
        "opened_after": ["2026-03-15T12:00:00.250000Z"],
        "opened_before": ["2026-03-15T12:00:00.250001Z"],
    }
    assert opened_between() == {}


def test_outside_buildings_have_a_fixed_length_for_any_name():
    digests = outside_buildings(["Library", "🛗" * 100])["building_not"]
    assert digests[0] == "dc20b3d5d2cddf82"
    assert [len(digest) for digest in digests] == [16, 16]
