"""Headers that are too long, twice there or no text."""

import pytest

from tests.support.pages import text_of

pytestmark = pytest.mark.django_db


class TestHeaders:
    @pytest.mark.parametrize("name", ["Cookie", "User-Agent", "If-Match", "Authorization", "X-Anything"])
    def test_header_over_8_kib_is_refused_by_name(self, user, name):
        page = user.get("/tickets/", **{name: "x" * 9000})
        assert (page.status_code, page["Content-Type"]) == (431, "text/html; charset=utf-8")
        assert f"<strong>{name}</strong>: 8.8 KiB; at most 8 KiB are accepted." in text_of(page)
        problem = user.get("/api/v1/tickets/", **{name: "x" * 9000})
        assert (problem.status_code, list(problem.json()["errors"])) == (431, [name])

    def test_refused_cookies_come_with_advice(self, nobody):
        page = nobody.get("/", headers={"Cookie": f"elsewhere={'x' * 9000}"})
        assert "Delete the cookies of this site" in text_of(page)

    @pytest.mark.parametrize("name", ["Referer", "HX-Current-URL"])
    def test_headers_that_repeat_a_long_url_are_accepted(self, user, name):
        found = user.get(f"/tickets/?q={'x' * 20_000}", **{name: f"http://testserver/?q={'x' * 20_000}"})
        assert found.status_code == 200

    def test_url_over_32_kib_is_refused(self, user):
        assert user.get(f"/tickets/?q={'x' * 33_000}").status_code == 414
        assert user.get(f"/api/v1/tickets/?q={'x' * 33_000}").json()["status"] == 414
