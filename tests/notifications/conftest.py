from collections.abc import Iterator

import pytest

from tests.support.mail_servers import Mailbox, mail_server


@pytest.fixture
def mailbox(db, settings) -> Iterator[Mailbox]:
    with mail_server(settings) as mailbox:
        yield mailbox
