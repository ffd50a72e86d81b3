"""nginx as the containers run it, in front of a real site in TLS mode."""

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.chaos.programs import wait_until
from tests.support.headers import EVERYWHERE, HSTS

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
HOST = "helpdesk.example.edu"
HEADERS = EVERYWHERE | {"Cache-Control": "no-store", "Strict-Transport-Security": HSTS}

pytestmark = pytest.mark.skipif(not NGINX and not os.environ.get("REQUIRE_BROWSER"), reason="no nginx here")


class Front:
    """nginx on free ports of this machine, and the site behind it."""

    def __init__(self, folder: Path):
        self.folder, self.site_port = folder, free_port()
        self.ports = {"8080": free_port(), "8443": free_port(), "8081": free_port()}
        self.programs: list[subprocess.Popen] = []
        self.http = httpx.Client(verify=ssl._create_unverified_context(), trust_env=False, timeout=40)

    def start_nginx(self) -> None:
        make = f"req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN={HOST}"
        subprocess.run(["openssl", *make.split()], cwd=self.folder, check=True, capture_output=True)
        settings = (ROOT / "deploy/nginx.conf").read_text().replace("${HELPDESK_HOST}", HOST)
        settings = settings.replace("http2 on;", "").replace("/etc/nginx/tls", str(self.folder))
        settings = settings.replace("site:8000", f"127.0.0.1:{self.site_port}")
        for port, ours in self.ports.items():
            settings = re.sub(rf"\b{port}\b", str(ours), settings)
        whole = f"daemon off; pid {self.folder}/pid; error_log stderr; events {{}}\nhttp {{\n{settings}\n}}\n"
        (self.folder / "nginx.conf").write_text(whole)
        self.run(NGINX, "-p", self.folder, "-c", self.folder / "nginx.conf")
        wait_until(lambda: self.answers("http", "8081", "/alive"))

    def start_site(self) -> None:
        allowed = {"TLS": "1", "TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": HOST}
        gunicorn = "gunicorn -c deploy/gunicorn.py --bind"
        self.run(sys.executable, "-m", *gunicorn.split(), f"127.0.0.1:{self.site_port}", **allowed)
        wait_until(lambda: self.answers("https", "8443", "/healthz"))

    def run(self, *command: object, **environment: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        program = subprocess.Popen([*map(str, command)], env=os.environ | environment, cwd=ROOT, **quiet)
        self.programs.append(program)

    def stop_last(self) -> None:
        program = self.programs.pop()
        program.terminate()
        program.wait(40)

    def answers(self, scheme: str, port: str, path: str) -> bool:
        try:
            return self.ask(scheme, port, path).is_success
        except httpx.TransportError:
            return False

    def ask(self, scheme: str, port: str, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{scheme}://127.0.0.1:{self.ports[port]}{path}"
        host = HOST if port != "8081" else "nginx"
        return self.http.get(url, headers={"Host": host} | named, extensions={"sni_hostname": HOST})


@pytest.fixture(scope="module")
def front(tmp_path_factory) -> Iterator[Front]:
    assert NGINX, "nginx is needed where REQUIRE_BROWSER is set: apt-get install nginx-light"
    front = Front(tmp_path_factory.mktemp("nginx"))
    try:
        front.start_nginx()
        yield front
    finally:
        while front.programs:
            front.stop_last()


@pytest.fixture
def site(front) -> Iterator[Front]:
    front.start_site()
    yield front
    front.stop_last()


def check_headers(answer: httpx.Response, wanted: dict[str, str] = HEADERS) -> None:
    """Each exactly once and with the right value."""
    assert {name: answer.headers.get_list(name) for name in wanted} == {n: [v] for n, v in wanted.items()}
    assert len(answer.headers.get_list("Content-Security-Policy")) == 1


def test_site_behind_nginx_sets_its_headers_and_request_ids(site):
    answer = site.ask("https", "8443", "/", X_Request_ID="a-visitors-own-word")
    assert answer.status_code == 200
    check_headers(answer)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    style = site.ask("https", "8443", re.search(r'href="(/static/[^"]+\.css)"', answer.text)[1])
    assert "no-store" not in style.headers["Cache-Control"]
    named = site.ask("http", "8081", "/api/v1/tickets/", X_Request_ID="the-click", Authorization="Bearer x")
    assert named.headers["X-Request-ID"] == "the-click"


def test_compressed_responses_pass_nginx_unchanged(site):
    packed = site.ask("https", "8443", "/api/schema/", Accept_Encoding="gzip")
    assert (packed.headers["Content-Encoding"], b"openapi:" in packed.content) == ("gzip", True)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) < len(packed.content) / 4
    check_headers(packed)
    plain = site.ask("https", "8443", "/api/schema/", Accept_Encoding="identity")
    assert ("Content-Encoding" in plain.headers, plain.content) == (False, packed.content)


def test_responses_of_nginx_have_the_security_headers(front):
    away = front.ask("https", "8443", "/desk/")
    assert (away.status_code, away.headers["Content-Type"]) == (502, "text/plain")
    assert "is not available at the moment" in away.text
    hidden = front.ask("https", "8443", "/readyz")
    assert hidden.status_code == 404
    for answer in (away, hidden):
        check_headers(answer)
    without_tls = {name: value for name, value in HEADERS.items() if "Transport" not in name}
    moved, refused = (front.ask("http", "8080", path) for path in ("/desk/", "/api/v1/tickets/"))
    assert (moved.status_code, moved.headers["Location"]) == (308, f"https://{HOST}/desk/")
    assert refused.status_code == 403
    for answer in (moved, refused):
        check_headers(answer, without_tls)
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/tickets/new/", 21, 403),
        ("/tickets/1/me-too/", 21, 403),
        ("/photos/", 21, 403),
        ("/desk/places/import/", 4, 403),
        ("/desk/places/import/", 6, 413),
        ("/enter/", 2, 413),
    ],
)
def test_only_forms_with_files_may_be_large(site, path, megabytes, status):
    """Without its token the form is refused by the site; what is too large, by nginx."""
    url = f"https://127.0.0.1:{site.ports['8443']}{path}"
    file = {"file": ("a", b"x" * megabytes * 1_000_000)}
    answer = site.http.post(url, files=file, headers={"Host": HOST}, extensions={"sni_hostname": HOST})
    assert answer.status_code == status
