"""What is too long, too deep, too much or not text is refused, and the response names the field."""

from io import BytesIO
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest

from campus_helpdesk.wsgi import application, measure_chunks
from messaging.models import Message
from tests.support.clients import get_facts
from tests.support.factories import make_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
KIB = 1024
BEYOND = 2**63  # no id of PostgreSQL's is this big
ENCODED = "application/x-www-form-urlencoded"


def send_raw(person, path: str, raw: bytes, content_type: str, method: str = "POST", **headers):
    headers = {"X-CSRFToken": person.token} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return person.client.generic(method, path, raw, content_type=content_type, headers=headers)


def errors_of(answer) -> set[str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return set(answer.json().get("errors", {}))


class TestText:
    @pytest.mark.parametrize(
        ("field", "longest"), [("description", 20_000), ("building", 100), ("room", 100)], ids=str
    )
    def test_ticket_field_is_limited(self, user, field, longest):
        fields = {"description": "x"} | {field: "y" * longest}
        assert user.api("POST", "tickets/", fields).status_code == 201
        answer = user.api("POST", "tickets/", fields | {field: "y" * (longest + 1)})
        assert (answer.status_code, errors_of(answer)) == (400, {field})
        page = user.post("/tickets/new/", fields | {field: "y" * (longest + 1)})
        assert page.status_code == 400
        assert Ticket.objects.count() == 1

    def test_message_is_limited(self, user):
        path = f"tickets/{make_ticket().pk}/messages/"
        assert user.api("POST", path, {"body": "é" * 20_000}).status_code == 201
        answer = user.api("POST", path, {"body": "é" * 20_001})
        assert (answer.status_code, errors_of(answer)) == (400, {"body"})
        assert Message.objects.count() == 1

    def test_texts_of_maximum_length_fit_into_one_request(self, user):
        fields = {"description": "𝕏" * 20_000, "building": "🏫" * 100, "room": "🚪" * 100}
        assert (
            user.api("POST", "tickets/", fields).status_code == 201
        )  # twelve bytes per letter, as JSON escapes
        assert user.post("/tickets/new/", fields).status_code == 302
        assert {t.description for t in Ticket.objects.all()} == {fields["description"]}

    def test_name_at_the_entrance_is_limited(self, user):
        assert user.post("/enter/", {"role": "user", "name": "n" * 81}).status_code == 400
        assert user.post("/enter/", {"role": "user", "name": "n" * 80}).status_code == 302

    @pytest.mark.parametrize(
        "raw",
        [
            '{"description": ' + "9" * 5_000 + "}",
            '{"description": ' + "9" * 300 + "}",
            '{"description": 1e999}',
            '{"description": NaN}',
            '{"description": "x", "room": ' + "[" * 900 + "]" * 900 + "}",
            '{"description": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}",
            '{"description": "x"} {"description": "y"}',
            '\ufeff{"description": "x"}',
        ],
        ids=["int", "long", "inf", "nan", "nested", "deep", "two", "mark"],
    )
    def test_json_that_is_not_a_ticket_is_refused(self, user, raw):
        answer = send_raw(user, "/api/v1/tickets/", raw.encode(), "application/json")
        assert answer.status_code in (400, 413)
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize(
        "raw", [b'{"description": "caf\xe9"}', b"\xff\xfe{}", b'{"description": "\xed\xa0\x80"}']
    )
    def test_json_that_is_not_utf_8_is_refused(self, user, raw):
        assert send_raw(user, "/api/v1/tickets/", raw, "application/json").status_code == 400
        assert not Ticket.objects.exists()


class TestForm:
    @pytest.mark.parametrize("text", [b"caf%E9", b"caf\xe9", b"%ED%A0%80", b"a%00b"])
    def test_form_that_is_not_utf_8_is_refused(self, user, text):
        answer = send_raw(user, "/tickets/new/", b"description=" + text, ENCODED)
        assert answer.status_code == 400
        assert not Ticket.objects.exists()

    def test_percent_signs_in_text_are_accepted(self, user):
        user.post("/tickets/new/", {"description": "50%ff of the lamps, 100 %"})
        assert Ticket.objects.get().description == "50%ff of the lamps, 100 %"

    def test_multipart_form_that_is_not_utf_8_is_refused(self, user):
        raw = b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\ncaf\xe9\r\n--b--\r\n'
        assert send_raw(user, "/tickets/new/", raw, "multipart/form-data; boundary=b").status_code == 400
        good = raw.replace(b"\xe9", "é%ff".encode())
        assert send_raw(user, "/tickets/new/", good, "multipart/form-data; boundary=b").status_code == 302
        assert Ticket.objects.get().description == "café%ff"

    @pytest.mark.parametrize("charset", ["latin-1", "utf-16", "nonsense"])
    def test_other_charset_is_ignored(self, user, charset):
        answer = send_raw(user, "/tickets/new/", b"description=x", f"{ENCODED}; charset={charset}")
        assert answer.status_code in (302, 400)

    @pytest.mark.parametrize("path", ["/tickets/new/", "/enter/", "/admin/tickets/ticket/"])
    def test_form_of_a_thousand_fields_is_refused(self, helpdesk, path):
        raw = urlencode([(f"field{number}", "x") for number in range(1_001)]).encode()
        assert send_raw(helpdesk, path, raw, ENCODED).status_code == 400

    def test_multipart_of_a_thousand_parts_is_refused(self, user):
        part = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
        raw = part * 1_001 + b"--b--\r\n"
        assert send_raw(user, "/tickets/new/", raw, "multipart/form-data; boundary=b").status_code == 400

    @pytest.mark.parametrize(
        "kind", ["multipart/form-data", "multipart/form-data; boundary=", "x", "text/html"]
    )
    def test_body_of_unknown_type_is_refused_without_an_error(self, user, kind):
        assert send_raw(user, "/tickets/new/", b"description=x", kind).status_code == 400
        assert send_raw(user, "/api/v1/tickets/", b"description=x", kind).status_code in (400, 415)


class TestAddress:
    @pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80", "building=caf%e9", "cursor=%80", "q=\xff"])
    @pytest.mark.parametrize("path", ["/api/v1/tickets/", "/tickets/"])
    def test_query_that_is_not_utf_8_is_refused_by_name(self, user, path, query):
        answer = user.client.generic("GET", path, QUERY_STRING=query)
        assert answer.status_code == 400
        assert query.split("=")[0] in answer.content.decode().lower()

    def test_query_in_utf_8_is_accepted(self, user):
        make_ticket(description="Die Tür klemmt")
        for query in ("q=T%C3%BCr", "q=Tür".encode().decode("latin-1")):
            found = user.client.generic("GET", "/api/v1/tickets/", QUERY_STRING=query).json()
            assert len(found["results"]) == 1

    @pytest.mark.parametrize("path", ["/tickets/%ff/", "/%ed%a0%80/", "/api/v1/tickets/%ff/", "/desk/%00"])
    def test_path_that_is_not_utf_8_is_missing(self, helpdesk, path):
        assert helpdesk.get(path).status_code == 404

    @pytest.mark.parametrize("name", ["page_size", "q", "ordering", "cursor", "opened_after", "building"])
    def test_repeated_parameter_is_refused(self, user, name):
        good = {"page_size": "5", "ordering": "opened_at", "opened_after": "2026-01-01"}.get(name, "x")
        answer = user.get(f"/api/v1/tickets/?{name}={good}&{name}={good}")
        assert (answer.status_code, errors_of(answer)) == (400, {name})

    def test_other_lists_refuse_repeated_parameters(self, helpdesk):
        answer = helpdesk.api("GET", "analyses/?page_size=5&page_size=6")
        assert (answer.status_code, errors_of(answer)) == (400, {"page_size"})
        assert errors_of(get_facts("?fields=id&fields=status", accept="application/json")) == {"fields"}

    def test_date_of_the_form_replaces_the_time_in_the_url(self, user):
        make_ticket()
        query = "/tickets/?opened_before=2020-01-01T12:00:00Z&opened_until="
        assert b"The lamp" not in user.get(query).content
        assert b"The lamp" in user.get(query + "2999-01-01").content

    @pytest.mark.parametrize("query", ["a=b&" * 1_001, "building=" + "x" * 3_000, "page_size=" + "9" * 5_000])
    def test_long_query_is_refused(self, user, query):
        for path in ("/api/v1/tickets/", "/tickets/"):
            assert user.get(f"{path}?{query}").status_code == 400


class TestSpan:
    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"service": "resolution-time", "from": "2015-01", "until": "2025-01"}, "from"),
            ({"service": "resolution-time", "from": "0001-01", "until": "9999-12"}, "from"),
            ({"service": "unresolved", "period": "3651d"}, "period"),
            ({"service": "unresolved", "period": f"{10**30}h"}, "period"),
            ({"service": "unresolved", "period": "-1d"}, "period"),
        ],
    )
    def test_analysis_of_more_than_ten_years_is_refused(self, helpdesk, params, field):
        answer = helpdesk.api("POST", "analyses/", params)
        assert (answer.status_code, errors_of(answer)) == (400, {field})

    def test_analysis_of_ten_years_is_accepted(self, helpdesk):
        params = {"service": "resolution-time", "from": "2015-01", "until": "2024-12"}
        assert helpdesk.api("POST", "analyses/", params).status_code == 202


@pytest.mark.parametrize("number", [BEYOND, BEYOND - 1, 10**18, 10**30, 0])
class TestNumber:
    def test_ticket_of_an_impossible_number_is_missing(self, helpdesk, number):
        for path in ("", "history/", "messages/"):
            assert helpdesk.api("GET", f"tickets/{number}/{path}").status_code == 404
        for verb in ("activate", "close"):
            assert helpdesk.api("POST", f"tickets/{number}/{verb}/").status_code == 404
        assert helpdesk.api("POST", f"tickets/{number}/messages/", {"body": "x"}).status_code == 404
        assert helpdesk.api("PATCH", f"tickets/{number}/", {"room": "1"}, If_Match="1").status_code == 404

    def test_pages_of_an_impossible_ticket_number_are_missing(self, helpdesk, number):
        for path in ("/tickets/{}/", "/tickets/{}/edit/", "/desk/tickets/{}/", "/desk/tickets/{}/messages/"):
            assert helpdesk.get(path.format(number)).status_code == 404, path
        for path in ("/desk/tickets/{}/close/", "/desk/pinned/{}/unpin/", "/desk/reports/{}/pause/"):
            assert helpdesk.post(path.format(number), {}).status_code == 404, path
        assert helpdesk.get(f"/admin/tickets/ticket/{number}/change/").status_code in (302, 404)
        assert helpdesk.get(f"/desk/pinned/{number}/", HX_Request="true").status_code in (286, 404)

    def test_other_numbers_of_that_size_are_refused_or_match_nothing(self, helpdesk, number):
        ticket = make_ticket()
        assert helpdesk.post("/desk/move/", {"move": "close", "ticket": number}).status_code in (302, 400)
        changed = helpdesk.api("PATCH", f"tickets/{ticket.pk}/", {"room": "1"}, If_Match=f'"{number}"')
        assert changed.status_code == 412
        form = {"description": "y", "version": number}
        assert helpdesk.post(f"/tickets/{ticket.pk}/edit/", form).status_code in (412, 428)
        assert helpdesk.get(f"/tickets/?q=%23{number}").status_code == 200
        response = helpdesk.api("POST", "analyses/", {"service": "backlog", "months": number})
        assert response.status_code == 400


class TestLength:
    def test_request_body_of_every_type_is_limited(self, user):
        for kind in ("application/json", ENCODED, "multipart/form-data; boundary=b"):
            report = "/tickets/new/" if "multipart" not in kind else "/tickets/"  # it may carry photos
            for path in ("/api/v1/tickets/", report, "/enter/"):
                assert send_raw(user, path, b"x" * (256 * KIB + 1), kind).status_code == 413, (kind, path)
                assert send_raw(user, path, b"x" * 256 * KIB, kind).status_code in (400, 405, 415)

    @pytest.mark.parametrize(
        "path", ["/tickets/new/", "/tickets/1/messages/", "/photos/", f"/t/{27 * 'x'}/messages/"]
    )
    def test_forms_with_photos_may_be_larger(self, user, path):
        multipart = "multipart/form-data; boundary=b"
        photo = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n'
        raw = photo + b"x" * 300 * KIB + b"\r\n--b--\r\n"
        assert send_raw(user, path, raw, multipart).status_code in (200, 302, 400, 404)
        assert send_raw(user, path, raw, ENCODED).status_code == 413
        too_long = user.client.generic(
            "POST", path, content_type=multipart, CONTENT_LENGTH=f"{102 * KIB * KIB}"
        )
        assert too_long.status_code == 413

    def test_text_beside_a_photo_must_be_utf_8(self, user):
        photo = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n\xff\xd8\r\n'
        text = b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\ncaf\xe9\r\n--b--\r\n'
        for raw, status in ((photo + text, 400), (photo + text.replace(b"\xe9", "é".encode()), 302)):
            answer = send_raw(user, "/tickets/new/", raw, "multipart/form-data; boundary=b")
            assert answer.status_code == status
        assert Ticket.objects.get().photos.count() == 1

    def test_replacement_character_is_text(self, user):
        text = (
            b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\ncaf\xef\xbf\xbd\r\n--b--\r\n'
        )
        answer = send_raw(user, "/tickets/new/", text, "multipart/form-data; boundary=b")
        assert answer.status_code == 302
        assert Ticket.objects.get().description == "caf\ufffd"

    @pytest.mark.parametrize("length", ["-1", "1e9", "nonsense", "9" * 30, "²"])
    def test_invalid_content_length_is_refused(self, user, length):
        assert user.client.get("/", CONTENT_LENGTH=length).status_code == 413

    def test_long_result_needs_a_token(self, helpdesk, nobody):
        path, raw = f"/api/v1/analyses/{uuid4()}/result/", b"x" * 300 * KIB
        assert send_raw(helpdesk, path, raw, "multipart/form-data; boundary=b").status_code == 413
        for word, status in (("Bearer nonsense", 401), ("Basic nonsense", 413)):
            headers = {"Authorization": word}
            answer = nobody.generic("POST", path, raw, content_type="multipart/form-data", headers=headers)
            assert answer.status_code == status


RESULT = f"/api/v1/analyses/{UUID(int=1)}/result/"


@pytest.mark.parametrize("length", [0, 256 * KIB])
def test_chunked_body_within_the_limit_gets_a_length(length):
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(b"x" * length)}
    measure_chunks(environ)
    assert environ["CONTENT_LENGTH"] == str(length) == str(len(environ["wsgi.input"].read()))


@pytest.mark.parametrize("path", ["/enter/", RESULT])
def test_chunked_body_is_read_up_to_the_limit(path, db):
    """Even if a token may send more: what has no length is not accepted."""
    endless = BytesIO(b"x" * 10_000 * KIB)
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": endless, "REQUEST_METHOD": "POST"}
    environ |= {"PATH_INFO": path, "HTTP_AUTHORIZATION": "Bearer x", "SERVER_NAME": "localhost"}
    statuses = []
    application(
        environ | {"SERVER_PORT": "80", "wsgi.url_scheme": "http"},
        lambda *arguments: statuses.append(arguments[0]),
    )
    assert endless.tell() == 256 * KIB + 1
    assert statuses == ["413 Request Entity Too Large"]


@pytest.mark.django_db
@pytest.mark.parametrize("claimed", ["utf-8", "utf-16", "hex", "base64", "undefined", "nonsense"])
def test_requests_are_utf_8_whatever_their_charset(claimed):
    field = b'--b\r\nContent-Disposition: form-data; name="role"\r\n\r\nuser\r\n--b--\r\n'
    form = {"Content-Type": f"multipart/form-data; boundary=b; charset={claimed}"}
    text = {"Content-Type": f"text/plain; charset={claimed}"}
    with httpx.Client(transport=httpx.WSGITransport(application), base_url="http://testserver") as visitor:
        assert visitor.get("/?next=%C3%A9", headers=text).status_code == 200
        assert visitor.get("/api/v1/tickets/?q=lamp", headers=text).status_code == 401
        assert visitor.post("/enter/", content=field, headers=form).status_code == 403
