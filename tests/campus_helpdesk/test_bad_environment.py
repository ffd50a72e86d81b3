"""A bad environment variable ends every program at once, with one line that names it."""

import secrets
import signal
import subprocess
import sys

import pytest

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.process import end
from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.processes import wait_until

GOOD = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "SERVICE_KEY", "PROXY_SECRET")}
SERVERS = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
SETTINGS = ["-c", "import campus_helpdesk.settings"]
CELERY = ["-m", "celery", "-A"]
PROGRAMS = {
    "command": ["manage.py", "migrate"],
    "web": ["-m", "gunicorn", "-c", "deploy/gunicorn.py", "--bind", "127.0.0.1:0"],
    "gateway worker": [*CELERY, "campus_helpdesk", "worker"],
    "beat": [*CELERY, "campus_helpdesk", "beat"],
    "analytics worker": [*CELERY, "analytics_workers.app", "worker"],
}
WARNING = "can choose the helpdesk role"
WEAK = {
    "missing": "",
    "short": "Vb3-kq9_Zt7wLx2mRc8Yd5HnPf4JgUe",
    "sample": "my-very-own-sample-key-0f9e8d7c6b5a",
    "insecure": "django-insecure-9v$k2m8x!q7w3e5r1t6y4u",
    "placeholder": "CHANGE-ME-to-something-long-and-random!",
    "one letter": "x" * 40,
    "a word again and again": "helpdesk-key" * 4,
    "few letters": "aabbccddeeaabbccddeebbaaccddeeddccbbaa",
}


def start(words: list[str], **given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HELPDESK_API_URL": "http://127.0.0.1:1/api/v1/", **GOOD, **given}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


def check_refusal(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert all(text in done.stderr for text in expected), done.stderr


def test_valid_environment_is_accepted():
    done = start(SETTINGS)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_weak_key_is_refused_by_every_program_in_one_line(name):
    done = start(PROGRAMS[name], **SERVERS, SERVICE_KEY=WEAK["short"])
    check_refusal(done, "SERVICE_KEY must have at least 32 characters")
    assert WEAK["short"] not in done.stderr + done.stdout


def test_stack_refuses_before_it_starts_anything(tmp_path):
    done = start(["manage.py", "run"], DATA=str(tmp_path / "data"), PORT="59998", SECRET_KEY=WEAK["short"])
    check_refusal(done, "SECRET_KEY must have at least 32 characters")
    assert not done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("PORT must be a number", {"PORT": "high"}),
        ("DEMO must be 1 or 0", {"DEMO": "perhaps"}),
        ("HELPDESK_API_URL must be", {"HELPDESK_API_URL": "http://[::1"}),
        ("because TLS=1", {"TLS": "On", "TRUSTED_PROXIES": "10.0.0.1", "HELPDESK_API_URL": "http://h/"}),
        ("DATABASE_URL: connection failed", {"DATABASE_URL": "postgres://helpdesk@127.0.0.1:1/helpdesk"}),
        ("a-file cannot be created", {"DATA": "{folder}/a-file"}),
        ("a-file/data cannot be created", {"DATA": "{folder}/a-file/data"}),
    ],
)
def test_stack_refuses_invalid_values_in_one_line_and_writes_nothing(tmp_path, expected, given):
    (tmp_path / "a-file").write_text("kept")
    environment = {"DATA": str(tmp_path / "data"), "PORT": str(free_port())}
    environment |= {name: value.format(folder=tmp_path) for name, value in given.items()}
    done = start(["manage.py", "run"], **environment)
    check_refusal(done, expected)
    assert (done.returncode, done.stdout) == (1, "")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a-file": "kept"}


def test_command_reports_a_missing_database_in_one_line():
    check_refusal(start(["manage.py", "migrate"], **SERVERS), "The database refused: connection failed")


@pytest.mark.parametrize(
    ("host", "given", "expected"),
    [
        ("0.0.0.0", {}, True),
        ("0.0.0.0", {"ROLE_SOURCE": "proxy", "TRUSTED_PROXIES": "10.0.0.1"}, False),
        ("127.0.0.1", {}, False),
    ],
)
def test_web_warns_at_each_start_who_may_enter(tmp_path, host, given, expected):
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, *PROGRAMS["web"][:-1], f"{host}:0"],
            cwd=ROOT,
            env={**GOOD, **SERVERS, **given},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Booting worker" in log.read_text() or web.poll() is not None, 60)
    finally:
        end(web, signal.SIGQUIT, 5)  # a worker that is still starting does not end with SIGTERM
    assert (WARNING in log.read_text()) is expected


@pytest.mark.parametrize("variable", ["SECRET_KEY", "SERVICE_KEY"])
@pytest.mark.parametrize("kind", WEAK)
def test_weak_keys_are_refused(variable, kind):
    done = start(SETTINGS, **{variable: WEAK[kind]})
    check_refusal(done, variable)
    assert not WEAK[kind] or WEAK[kind] not in done.stderr


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("SECRET_KEY, SERVICE_KEY", {"SECRET_KEY": GOOD["SERVICE_KEY"]}),
        ("SERVICE_KEY_OLD", {"SERVICE_KEY_OLD": WEAK["short"]}),
        ("SERVICE_KEY_OLD", {"SERVICE_KEY_OLD": GOOD["SECRET_KEY"]}),
        ("PROXY_SECRET", {"PROXY_SECRET": WEAK["sample"]}),
        ("PROXY_SECRET", {"PROXY_SECRET": "", "ROLE_SOURCE": "proxy", "TRUSTED_PROXIES": "10.0.0.1"}),
        ("TRUSTED_PROXIES", {"ROLE_SOURCE": "proxy"}),
        ("RETAIN_MONTHS must be a number of months", {"RETAIN_MONTHS": "0"}),
        ("RETAIN_MONTHS must be a number of months", {"RETAIN_MONTHS": "two"}),
        ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "nginx"}),
        ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "10.0.0.1/8"}),
        ("ROLE_SOURCE", {"ROLE_SOURCE": "header"}),
        ("TLS=1 needs TRUSTED_PROXIES", {"TLS": "1"}),
        ("TRUSTED_ORIGINS", {"TRUSTED_ORIGINS": "helpdesk.example.edu"}),
        ("TRUSTED_ORIGINS", {"TRUSTED_ORIGINS": "https://"}),
        ("TRUSTED_ORIGINS", {"TRUSTED_ORIGINS": "https://[::1"}),
        ("RATE_TICKET", {"RATE_TICKET": "ten"}),
        ("RATE_LIMITS", {"RATE_LIMITS": "perhaps"}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "*"}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "helpdesk.example.edu *"}),
        ("DEBUG", {"DEBUG": "1", "ALLOWED_HOSTS": "localhost helpdesk.example.edu"}),
        ("DEBUG", {"DEBUG": "yes"}),
        ("FILES_URL", {"FILES_URL": "var/files"}),
        ("FILES_URL", {"FILES_URL": "file://elsewhere/files"}),
        ("FILES_URL", {"FILES_URL": "s3://bucket"}),
        ("FILES_URL", {"FILES_URL": "s3://key:secret@host:port/bucket"}),
        ("EMAIL_URL", {"EMAIL_URL": "mail.example.edu"}),
        ("EMAIL_FROM", {"EMAIL_FROM": "Campus Helpdesk"}),
        ("SITE_URL", {"SITE_URL": "https://example.edu/helpdesk"}),
        ("MAIL_ADDRESS_DAYS", {"MAIL_ADDRESS_DAYS": "0"}),
        ("CAMPUS_TIME_ZONE", {"CAMPUS_TIME_ZONE": "Europe/Atlantis"}),
        (
            "DATABASE_URL",
            {
                "TLS": "1",
                "TRUSTED_PROXIES": "10.0.0.1",
                "DATABASE_URL": "postgres://helpdesk:helpdesk@127.0.0.1:1/none",
            },
        ),
        (
            "REDIS_URL",
            {"TLS": "1", "TRUSTED_PROXIES": "10.0.0.1", "REDIS_URL": "redis://:broker@127.0.0.1:1/0"},
        ),
        (
            "REDIS_URL",
            {"TLS": "1", "TRUSTED_PROXIES": "10.0.0.1", "REDIS_URL": "redis://127.0.0.1:1/0?password=broker"},
        ),
        ("REDIS_URL", {"REDIS_URL": "redis://[::1:1/0"}),
        ("REDIS_URL", {"REDIS_URL": "redis://127.0.0.1:port/0"}),
        ("REDIS_URL", {"REDIS_URL": "http://127.0.0.1:1/0"}),
        ("REDIS_URL", {"REDIS_URL": "redis:///0"}),  # the workers refuse it, too
        ("DATABASE_URL", {"DATABASE_URL": "nonsense"}),
        ("DATABASE_URL", {"DATABASE_URL": "mysql://helpdesk@127.0.0.1/helpdesk"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgres://helpdesk@127.0.0.1:port/helpdesk"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgres://helpdesk@127.0.0.1:1"}),
        ("INBOX_ADDRESS", {"INBOX_ADDRESS": "helpdesk+1@example.edu"}),
        ("INBOX_DAYS", {"INBOX_DAYS": "0"}),
        ("INBOX_URL", {"INBOX_URL": "imap://user:password@mail.example.edu/"}),
        ("INBOX_URL", {"INBOX_URL": "imaps://mail.example.edu/"}),
        ("INBOX_URL", {"INBOX_URL": "imaps://user:password@[::1/"}),
        ("INBOX_URL", {"INBOX_URL": "imaps://user:p%C3%A4ss@mail.example.edu/"}),
    ],
)
def test_invalid_value_is_refused_by_name(expected, given):
    check_refusal(start(SETTINGS, **given), expected)


@pytest.mark.parametrize(
    "given",
    [
        {"DEBUG": "1"},
        {"DEBUG": "1", "ALLOWED_HOSTS": "localhost"},
        {"ROLE_SOURCE": "proxy", "TRUSTED_PROXIES": "10.0.0.0/8, fd00::1"},
        {"SERVICE_KEY_OLD": secrets.token_hex(32)},
        {"FILES_URL": "file:///srv/files"},
        {"INBOX_URL": "imaps://user:p%40ss@mail.example.edu/INBOX", "INBOX_ADDRESS": "Help.desk@example.edu"},
        {"INBOX_URL": "imap://user:password@127.0.0.1:1143"},
        {"FILES_URL": "s3://key:sec%2Fret@127.0.0.1:8333/photos?tls=0&region=eu"},
    ],
)
def test_valid_value_is_accepted(given):
    done = start(SETTINGS, **given)
    assert (done.returncode, done.stderr) == (0, "")
