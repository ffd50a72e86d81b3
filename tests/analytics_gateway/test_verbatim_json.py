import pytest

from analytics_gateway.models import Analysis
from analytics_gateway.results import Result
from common.analysis_messages import result_sha256
from tests.support.analyses import PNG, SVG, make_running, record_result, result_text

NUMBERS = [1e16, 1e22, 1.0, -0.0, 0.1 + 0.2, 5e-324, 2**62, "1.0", "é\u202e", True, None]


@pytest.mark.django_db
def test_stored_result_still_matches_its_checksum():
    analysis = make_running()
    columns = [{"name": "a", "label": "A", "unit": ""}]
    text = result_text(columns=columns, rows=[[number] for number in NUMBERS], headline=None)
    record_result(analysis.pk, 1, Result.read(text, SVG, PNG))
    stored = Analysis.objects.get().result
    assert [repr(row[0]) for row in stored["rows"]] == [repr(number) for number in NUMBERS]
    numbers = (stored["columns"], stored["rows"], stored["headline"])
    assert result_sha256(*numbers) == stored["lineage"]["sha256"]
