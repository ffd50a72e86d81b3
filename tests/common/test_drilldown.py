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

DOOR = {"count": 3, "filters": {"status": ["open", "active"]}}
DOORS = {"headline": DOOR, "rows": [{"tickets": DOOR}, {}, {"tickets": DOOR}]}
COUNTED = [Column("category", "Category", ""), Column("tickets", "Tickets", "tickets")]
ROWS = [["facility", 3], ["it", 0], ["services", 3]]
COLUMNS = [Column("day", "Day", ""), Column("open", "Open", "tickets"), Column("active", "Active", "tickets")]


def make_counts() -> AnalysisResult:
    plain = make_result()
    sha256 = result_sha256([asdict(column) for column in COUNTED], ROWS, asdict(plain.headline))
    return replace(plain, columns=COUNTED, rows=ROWS, lineage=replace(plain.lineage, sha256=sha256))


def read(doors: object) -> AnalysisResult:
    return AnalysisResult.from_json(json.dumps(make_counts().to_dict() | {"doors": doors}))


def damage(*path: str | int, value: object) -> dict:
    """DOORS with one part of it replaced."""
    doors = copy.deepcopy(DOORS)
    part = doors
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return doors


def test_doors_come_back_as_they_were_sent():
    result = read(DOORS)
    assert result.doors.rows[0] == {"tickets": Drilldown(3, {"status": ["open", "active"]})}
    assert result.to_dict()["doors"] == DOORS
    assert AnalysisResult.from_json(result.to_json()) == result
    assert read(DOORS | {"headline": None}).doors.headline is None


def test_result_without_doors_comes_back_without():
    assert "doors" not in make_counts().to_dict()
    assert read(None) == make_counts()


def test_doors_are_no_part_of_the_checksum():
    assert replace(read(DOORS), doors=None) == make_counts()


@pytest.mark.parametrize(
    "doors",
    [
        [],
        {},
        {"rows": DOORS["rows"]},
        DOORS | {"windows": []},
        damage("rows", value=DOORS["rows"][:2]),
        damage("rows", value={}),
        damage("rows", 0, value=[]),
        damage("rows", 0, "no such column", value=DOOR),
        damage("rows", 0, "category", value=DOOR),
        damage("rows", 1, "tickets", value=DOOR),
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
def test_result_refuses_wrong_doors_and_names_them(doors):
    with pytest.raises(ValueError, match=r"^doors"):
        read(doors)


def test_make_doors_leaves_out_what_leads_to_nothing():
    rows = [["Monday", 2, 0], ["Tuesday", 0, 0]]
    filters = [{"open": {"q": [row[0]]}, "active": {"q": ["x"]}} for row in rows]
    doors = make_drilldowns(COLUMNS, rows, filters, whole={"q": ["y"]}, total=2)
    assert doors == Drilldowns(Drilldown(2, {"q": ["y"]}), [{"open": Drilldown(2, {"q": ["Monday"]})}, {}])
    assert make_drilldowns(COLUMNS, [], [], whole={}, total=0) == Drilldowns(None, [])


def test_opened_between_has_both_ends():
    assert opened_between(AS_OF, AS_OF) == {
        "opened_after": ["2026-03-15T12:00:00.250000Z"],
        "opened_before": ["2026-03-15T12:00:00.250001Z"],
    }
    assert opened_between() == {}


def test_outside_buildings_are_short_however_long_the_names_are():
    digests = outside_buildings(["Library", "🛗" * 100])["building_not"]
    assert digests[0] == "dc20b3d5d2cddf82"
    assert [len(digest) for digest in digests] == [16, 16]
