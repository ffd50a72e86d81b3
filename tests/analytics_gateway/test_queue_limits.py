from datetime import timedelta

import pytest

from analytics_gateway.actions import cancel_analysis, request_analysis
from analytics_gateway.errors import TooManyAtOnce
from analytics_gateway.models import Analysis, Pin, ReportRun
from analytics_gateway.pins import refresh_pins
from analytics_gateway.queue_limits import MAX_WAITING, free_slots
from tests.support.analyses import HELPDESK, make_analysis, make_done, make_running, make_schedule
from tests.support.clients import enter


@pytest.mark.django_db
def test_only_waiting_analyses_count():
    make_done()
    make_running()
    assert free_slots() == MAX_WAITING
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING + 1)]
    Analysis.objects.bulk_create(rows[:3])
    assert free_slots() == MAX_WAITING - 3
    Analysis.objects.bulk_create(rows[3:])
    assert free_slots() == 0


@pytest.mark.django_db
class TestOfOneSession:
    @pytest.fixture(autouse=True)
    def two_at_once(self, settings):
        settings.ANALYSES_AT_ONCE = 2

    def ask(self, days: int, by=HELPDESK) -> Analysis:
        return request_analysis("unresolved", {"period": f"{days}d"}, by=by)

    def test_third_analysis_is_refused_until_one_has_ended(self):
        first, _ = self.ask(1), self.ask(2)
        with pytest.raises(TooManyAtOnce, match="cancel one"):
            self.ask(3)
        cancel_analysis(first, by=HELPDESK)
        assert self.ask(3).state == "queued"

    def test_equal_request_does_not_count(self):
        assert self.ask(1) == self.ask(1) == self.ask(1)

    def test_requests_of_pins_and_schedules_do_not_count(self):
        for days in (11, 12, 13):
            Pin.objects.create(service="unresolved", params={"period": f"{days}d"})
        assert len(refresh_pins(by=HELPDESK)) == 3
        schedule = make_schedule()
        for days in range(3):
            analysis = make_analysis("ageing", asked_in=HELPDESK.session)
            slot = analysis.requested_at - timedelta(days=days)
            ReportRun.objects.create(schedule=schedule, slot=slot, analysis=analysis)
        self.ask(1), self.ask(2)
        with pytest.raises(TooManyAtOnce):
            self.ask(3)

    def test_refused_request_names_when_to_retry(self, helpdesk):
        answers = [
            helpdesk.api("POST", "analyses/", {"service": "unresolved", "period": f"{days}d"})
            for days in (1, 2, 3)
        ]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert int(answers[-1]["Retry-After"]) > 0
        assert "Wait for one of them" in answers[-1].json()["detail"]
        assert enter("helpdesk").api("POST", "analyses/", {"service": "ageing"}).status_code == 202

    def test_refused_form_keeps_its_input_and_explains(self, helpdesk):
        form = {"service": "unresolved", "period_unit": "d"}
        for days in (1, 2):
            assert helpdesk.post("/desk/analytics/", form | {"period": days}).status_code == 302
        page = helpdesk.post("/desk/analytics/", form | {"period": 33})
        assert page.status_code == 429
        assert int(page["Retry-After"]) > 0
        assert b"Wait for one of them" in page.content
        assert b'value="33"' in page.content
