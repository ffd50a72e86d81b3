import pytest

from campus_helpdesk.embedded.commands import needs_database


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", False),
        ("help", False),
        ("--help", False),
        ("migrate --help", False),
        ("classify", False),
        ("check --deploy", False),
        ("check --database default", True),
        ("makemigrations --check", False),
        ("collectstatic --noinput", False),
        ("migrate", True),
        ("demo --tickets 5", True),
        ("backup file", True),
    ],
)
def test_needs_database_says_which_commands_do(line, expected):
    assert needs_database(line.split()) is expected
