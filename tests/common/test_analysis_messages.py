import copy
import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import asdict, replace

from analytics_workers.catalogue import SERVICES, clean_params
from analytics_workers.metric_dictionary import metrics_page
from common.analysis_messages import (
    AnalysisRequest,
    AnalysisResult,
    result_sha256,
)
from common.parameters import ParametersInvalid
from tests.support.results import COLUMNS, ROWS, make_result

ROOT = Path(__file__).parents[2]


def test_result_survives_a_round_trip():
    assert AnalysisResult.from_json(make_result().to_json()) == make_result()
    assert AnalysisResult.from_json(make_result().to_json().encode()).to_dict() == make_result().to_dict()


def test_numpy_numbers_are_serialised_as_numbers():
    result = replace(make_result(), rows=[["it", np.float64(1.5)], *ROWS[1:]])
    assert AnalysisResult.from_json(result.to_json()) == make_result()


def test_result_without_headline_survives_a_round_trip():
    sha256 = result_sha256([asdict(column) for column in COLUMNS], ROWS, None)
    result = replace(make_result(), headline=None, lineage=replace(make_result().lineage, sha256=sha256))
    assert AnalysisResult.from_json(result.to_json()) == result


DAMAGES = {
    "title": [None, "", 5, "\ud800", "a\x00b", "x" * 20_001],
    "columns": [None, [], [{}], [{"name": "a", "label": "A"}], [{"name": 1, "label": "A", "unit": ""}], "ab"],
    "rows": [
        None,
        [[1]],
        [[1, 2, 3]],
        [[1, {}]],
        [[1, [2]]],
        [["it", 10**30]],
        [[1, "\x00"]],
        [1],
        [[]] * 10_001,
    ],
    "headline": [5, {}, {"value": "3", "label": "a", "unit": ""}, {"value": True, "label": "a", "unit": ""}],
    "notes": [None, "note", [1], [""]],
    "alt_text": [None, "", "  ", 1],
    "lineage": [None, {}, []],
    "surprise": [1],
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, many in DAMAGES.items() for value in many]
)
def test_result_refuses_a_wrong_field_and_names_it(field, value):
    data = make_result().to_dict() | {field: value}
    with pytest.raises(ValueError, match=field):
        AnalysisResult.from_json(json.dumps(data))


def test_result_refuses_a_field_name_with_a_lone_surrogate():
    with pytest.raises(ValueError, match=r"^result: "):
        AnalysisResult.from_json(json.dumps(make_result().to_dict() | {"\ud800": 1}))


@pytest.mark.parametrize("field", list(make_result().to_dict()))
def test_result_refuses_a_missing_field_and_names_it(field):
    data = make_result().to_dict()
    del data[field]
    with pytest.raises(ValueError, match=field):
        AnalysisResult.from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("field", "value"), [("rows_read", "7"), ("rows_read", True), ("as_of", 1), ("sha256", "0")]
)
def test_result_refuses_a_wrong_lineage(field, value):
    data = make_result().to_dict()
    data["lineage"][field] = value
    with pytest.raises(ValueError, match=f"lineage.{field}"):
        AnalysisResult.from_json(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "5", "null", "{", "[" * 100_000, b"\xff\xfe\x00", "9" * 5000])
def test_result_refuses_anything_but_an_object(text):
    with pytest.raises(ValueError):
        AnalysisResult.from_json(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_result_refuses_numbers_that_are_not_finite(number):
    with pytest.raises(ValueError, match="rows"):
        AnalysisResult.from_json(make_result().to_json().replace("1.5", number))


def test_result_refuses_numbers_that_do_not_match_the_checksum():
    with pytest.raises(ValueError, match=r"lineage\.sha256"):
        AnalysisResult.from_json(make_result().to_json().replace("1.5", "1.6"))


def test_request_survives_a_round_trip():
    request = AnalysisRequest("an-id", "unresolved", {"period": "7d"}, "Europe/Berlin", 2)
    assert AnalysisRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize("field", ["id", "service", "params", "time_zone", "attempt"])
def test_request_refuses_a_wrong_field_and_names_it(field):
    data = asdict(AnalysisRequest("an-id", "unresolved", {"period": "7d"}, "UTC", 2))
    for damaged in ({**data, field: []}, {name: data[name] for name in data if name != field}):
        with pytest.raises(ValueError, match=field):
            AnalysisRequest.from_json(json.dumps(damaged))


def test_cards_are_those_of_the_contract_and_complete():
    assert set(SERVICES) >= {
        "unresolved",
        "resolution-time",
        "active-by-category",
        "ageing",
        "first-answer",
        "rush-hours",
        "solved",
        "by-place",
        "backlog",
    }
    for name, definition in SERVICES.items():
        assert definition.queue == f"analytics.{name}"
        assert all([definition.title, definition.sentence, *dataclasses.asdict(definition.metric).values()])
        words = definition.sentence + (definition.advanced.sentence if definition.advanced else "")
        assert all(words.count(f"{{{parameter.name}}}") == 1 for parameter in definition.parameters)
        assert all(p.label and p.help for p in definition.parameters)


def test_cards_describe_their_parameters_as_json_schema():
    schema = SERVICES["unresolved"].schema()
    assert schema["required"] == ["period"]
    assert schema["additionalProperties"] is False
    assert set(SERVICES["resolution-time"].schema()["properties"]) == {"from", "until", "months"}


def errors_of(service: object, raw: object) -> dict:
    with pytest.raises(ParametersInvalid) as refusal:
        clean_params(service, raw)
    return refusal.value.errors


@pytest.mark.parametrize("service", ["no-such", "", None, 5, ["unresolved"]])
def test_clean_params_refuses_an_unknown_service(service):
    assert list(errors_of(service, {})) == ["service"]


@pytest.mark.parametrize("raw", [None, [], "period=7d", 7])
def test_clean_params_refuses_anything_but_an_object(raw):
    assert list(errors_of("unresolved", raw)) == ["params"]


def test_clean_params_names_every_bad_field():
    assert set(errors_of("unresolved", {"colour": "red", "period": "7x"})) == {"colour", "period"}
    assert list(errors_of("unresolved", {})) == ["period"]
    assert list(errors_of("active-by-category", {"period": "7d"})) == ["period"]


def test_clean_params_escapes_unknown_field_names():
    (name,) = errors_of("active-by-category", {"\ud800\x00" + "x" * 500: 1})
    assert name.encode()
    assert len(name) == 100
    assert "\x00" not in name


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"from": "2026-02", "until": "2026-01"}, "from"),
        ({"from": "2016-01", "until": "2026-01"}, "from"),
        ({"from": "0001-01"}, "from"),
        ({"from": "2026-13"}, "from"),
        ({"until": 5}, "until"),
        ({"months": 121}, "months"),
        ({"months": 12, "until": "2026-01"}, "months"),
        ({"months": 12, "from": "2026-01"}, "months"),
    ],
)
def test_clean_params_refuses_a_bad_range_of_months(raw, field):
    assert list(errors_of("resolution-time", raw)) == [field]


def test_clean_params_accepts_valid_ranges_and_does_not_change_its_input():
    this_month = f"{datetime.now(UTC):%Y-%m}"
    good = [
        {},
        {"from": "2016-02", "until": "2026-01"},
        {"from": this_month},
        {"until": "1999-01"},
        {"months": 120},
    ]
    kept = copy.deepcopy(good)
    assert [clean_params("resolution-time", raw) for raw in good] == kept == good


def test_catalogue_and_messages_load_the_standard_library_msgspec_and_cards_only():
    code = (
        "import sys; before = set(sys.modules); import analytics_workers.catalogue, common.analysis_messages;"
        "names = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(names - set(sys.stdlib_module_names)));"
        "print(*[name for name in sys.modules if name.endswith('.compute')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found = set(done.stdout.split()) - {"typing_extensions"}  # msgspec asks for it where it is there
    assert found == {"analytics_workers", "common", "msgspec"}


def test_metric_dictionary_is_up_to_date():
    assert (ROOT / "docs" / "users" / "metrics.md").read_text() == metrics_page(SERVICES)
