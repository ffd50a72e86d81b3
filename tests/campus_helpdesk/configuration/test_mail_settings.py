import pytest

from campus_helpdesk.configuration.environment import mail_sender, mail_server

NAMES = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ("", 25, "", "", False, False)),
        ("smtp://mail.example.edu", ("mail.example.edu", 25, "", "", False, False)),
        ("smtp+tls://ada:p%40ss@mail.example.edu", ("mail.example.edu", 587, "ada", "p@ss", True, False)),
        ("smtps://ada:pass@[::1]:4650", ("::1", 4650, "ada", "pass", False, True)),
    ],
)
def test_address_of_the_mail_server_becomes_djangos_settings(monkeypatch, address, expected):
    monkeypatch.setenv("EMAIL_URL", address)
    assert mail_server("EMAIL_URL") == dict(zip(NAMES, expected, strict=True))


def test_domain_of_mails_is_the_senders(monkeypatch):
    monkeypatch.setenv("EMAIL_FROM", "Campus Helpdesk <help@Example.EDU>")
    assert mail_sender("EMAIL_FROM", "") == ("Campus Helpdesk <help@Example.EDU>", "example.edu")
