import pytest
from django.core.management import call_command

from tests.support.import_rows import write


@pytest.fixture
def load_text(tmp_path):
    """Imports tickets, and optionally messages, from files with this text; bytes are used unchanged."""

    def load(
        tickets: str | bytes, messages: str | bytes | None = None, *, encoding: str = "utf-8", **options
    ):
        files = [write("tickets", tickets, encoding)]
        if messages is not None:
            files += ["--messages", write("messages", messages, encoding)]
        call_command("load_tickets", *files, **options)

    def write(name: str, content: str | bytes, encoding: str) -> str:
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return str(path)

    return load


@pytest.fixture
def load(tmp_path):
    def load(tickets, messages=None, **options):
        files = [write(tmp_path / "tickets.csv", tickets)]
        if messages:
            files += ["--messages", write(tmp_path / "messages.csv", messages)]
        call_command("load_tickets", *files, **options)

    return load
