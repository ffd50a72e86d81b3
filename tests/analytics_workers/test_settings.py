import pytest

from analytics_workers.settings import SettingRefused, read_settings
from common.celery_options import broker_url
from tests.support.environment import GOOD


def test_settings_are_read_and_secrets_never_shown():
    settings = read_settings(GOOD)
    assert settings.api_url == "http://127.0.0.1:8000/api/v1/"
    assert GOOD["SERVICE_KEY"] not in repr(settings)
    assert GOOD["REDIS_URL"] not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in GOOD for value in ("", "  ", "nonsense")),
        ("REDIS_URL", "http://127.0.0.1/0"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "unix://relative"),
        ("SERVICE_KEY", "s" * 31),
        ("HELPDESK_API_URL", "ftp://127.0.0.1/api/v1/"),
        ("HELPDESK_API_URL", "http:///api/v1/"),
        ("HELPDESK_API_URL", "http://[::1/api/v1/"),
        ("HELPDESK_API_URL", "http://127.0.0.1:port/api/v1/"),
        ("HELPDESK_API_URL", "http://user:secret@127.0.0.1/api/v1/"),
        ("HELPDESK_API_URL", "http://127.0.0.1/api/v1/?key=1"),
    ],
)
def test_invalid_setting_is_refused_by_name(name, value):
    with pytest.raises(SettingRefused, match=name):
        read_settings(GOOD | {name: value})


@pytest.mark.parametrize("name", GOOD)
def test_missing_setting_is_refused_by_name(name):
    with pytest.raises(SettingRefused, match=f"{name} is not set"):
        read_settings({other: value for other, value in GOOD.items() if other != name})


@pytest.mark.parametrize(
    ("redis_url", "celery_url"),
    [
        ("redis://:pw@host:6379/3", "redis://:pw@host:6379/3"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix://:pw@/run/valkey.sock", "redis+socket://:pw@/run/valkey.sock?virtual_host=0"),
    ],
)
def test_broker_url_has_the_form_that_celery_needs(redis_url, celery_url):
    assert broker_url(redis_url) == celery_url
