"""Random requests to every route, and a helpdesk that receives them."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import strategies as st

from tests.support.chaos.invalid_values import DEEP, HEADERS, JSON, TYPES, VALUES
from tests.support.clients import ApiClient, bearer, enter
from tests.support.routes import find_address, list_routes, make_sample_rows
from tickets.facts import FIELDS as FACT_FIELDS
from tickets.filters import DeskFilter
from tickets.lifecycle import Status

REQUESTS_PER_SITE = 250
REPORTS = ("analysis-start", "analysis-progress", "analysis-failure", "analysis-result")
SERVICE_ROUTES = ("facts", *REPORTS)
MOSTLY = st.sampled_from([True, True, True, False])
METHODS = st.sampled_from(["GET"] * 3 + ["POST"] * 3 + ["PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"])
ROLES = st.sampled_from(["helpdesk", "helpdesk", "user", "user", "", "service", "service"])
FILTERS = [
    *DeskFilter.base_filters,
    *("ordering", "cursor", "page_size", "fields", "changed_after", "next", "all", "analysis"),
    *("counted", "as_of", "with_checksum", "o", "p", "e", "status__exact", "_popup", "é", ""),
]
FIELDS = [
    *("description", "building", "room", "category", "body", "is_internal", "key", "version"),
    *("role", "name", "service", "period", "from", "until", "params", "when", "hour", "weekday"),
    *("cadence", "move", "ticket", "next", "theme", "reason", "status", "version_seen"),
    *("category_seen", "attempt", "phase", "percent", "is_fresh", "result", "svg", "png", "retry"),
    *("unknown", "_save", "_continue", "id"),
]
# Valid values of filters, so that a request passes the checks.
GOOD = {
    "fields": st.sets(st.sampled_from(FACT_FIELDS), min_size=1).map(",".join),
    "status": st.sampled_from(Status.values),
    "page_size": st.sampled_from(["1", "2", "100"]),
    "with_checksum": st.just("true"),
    "changed_after": st.sampled_from(["0", "9" * 18]),
}
QUERIES = st.one_of(
    st.dictionaries(st.sampled_from(FILTERS), VALUES, max_size=4), st.fixed_dictionaries({}, optional=GOOD)
)
FORMS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)
BODIES = st.one_of(
    FORMS.map(lambda form: ("form", urlencode(form, errors="surrogatepass").encode())),
    FORMS.map(lambda form: ("json", json.dumps(form).encode())),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5).map(
        lambda body: ("json", json.dumps(body).encode())
    ),
    DEEP.map(lambda raw: ("raw", raw)),
)
IDS = st.sampled_from(["real"] * 5 + ["0", "9" * 18, "9" * 19, "9" * 400, "-1", "x", "%00"])


@dataclass(repr=False)
class GeneratedRequest:
    name: str
    pattern: str
    method: str
    role: str
    identity: str
    query: str
    kind: str
    body: bytes
    content_type: str
    headers: dict[str, str]
    is_forged: bool

    def __repr__(self) -> str:
        values = [self.method, self.name, self.identity, self.role, self.query, self.content_type]
        return f"{values} {self.headers} {self.body[:200]!r}"


def routes_of(role: str) -> list[tuple[str, str]]:
    """The routes of this role: a service has its own, and reads facts as often as it reports."""
    routes = list_routes()
    if role != "service":
        return [route for route in routes if route[0] not in SERVICE_ROUTES]
    facts = [route for route in routes if route[0] == "facts"]
    return facts * len(REPORTS) + [route for route in routes if route[0] in REPORTS]


@st.composite
def requests(draw) -> GeneratedRequest:
    role = draw(ROLES)
    name, pattern = draw(st.sampled_from(routes_of(role) if draw(MOSTLY) else list_routes()))
    query = draw(QUERIES)
    kind, body = draw(BODIES)
    right = {"form": "application/x-www-form-urlencoded"}.get(kind, "application/json")
    return GeneratedRequest(
        name=name,
        pattern=pattern,
        method=draw(st.just("GET") if name == "facts" else METHODS),
        role=role,
        identity=draw(IDS),
        query=urlencode(query, errors="surrogatepass") if draw(MOSTLY) else "",
        kind=kind,
        body=body,
        content_type=draw(st.one_of(st.just(right), st.just(right), TYPES)),
        headers=draw(HEADERS),
        is_forged=draw(st.sampled_from([False] * 9 + [True])),
    )


class SampleSite:
    """A helpdesk in which every route has something to show, recreated every REQUESTS_PER_SITE requests."""

    def __init__(self) -> None:
        self.left = 0
        self.gone = ""

    def prepare(self) -> None:
        if not self.left:
            empty_tables()
            self.rows, self.left = make_sample_rows(), REQUESTS_PER_SITE
            self.clients = {role: enter(role) for role in ("user", "helpdesk")}
            self.clients[""] = self.clients["service"] = ApiClient(Client(enforce_csrf_checks=True))
            self.clients[""].get("/")
        if self.gone in ("user", "helpdesk"):
            self.clients[self.gone] = enter(self.gone)
        self.gone = ""
        self.left -= 1

    def find(self, sent: GeneratedRequest) -> str:
        """The address, with its id replaced unless the request's identity is "real"."""
        address = find_address(sent.name, sent.pattern, self.rows)
        if sent.name in REPORTS:
            address = address.replace(str(self.rows.done.pk), str(self.rows.queued.pk))
        if sent.identity == "real":
            return address
        parts = [sent.identity if part.isdigit() or len(part) == 36 else part for part in address.split("/")]
        return quote("/".join(parts), safe="/%")

    def send(self, sent: GeneratedRequest):
        person = self.clients[sent.role]
        headers = dict(sent.headers)
        if not sent.is_forged:
            headers["X-CSRFToken"] = person.token
        if sent.role == "service":
            scope = "tickets:read" if sent.name == "facts" else "analysis:write"
            headers |= bearer(self.rows.queued.pk, scope)
        person.client.raise_request_exception = False
        answer = person.client.generic(
            sent.method,
            self.find(sent) + (f"?{sent.query}" if sent.query else ""),
            sent.body if sent.method not in ("GET", "HEAD") else b"",
            sent.content_type,
            headers=headers,
        )
        b"".join(answer.streaming_content) if answer.streaming else answer.content
        if sent.name in ("entrance:leave", "entrance:enter"):
            self.gone = sent.role
        return answer


def empty_tables() -> None:
    cache.clear()
    excluded = ("django_migrations", "django_content_type", "auth_permission")
    names = [name for name in connection.introspection.table_names() if name not in excluded]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
