import pytest

from tests.support.mails import HELPDESK, MAIL_SERVER


@pytest.fixture
def inbox(settings) -> None:
    """The helpdesk's address and the mail server that is believed."""
    settings.INBOX_ADDRESS, settings.INBOX_TRUSTED_HOST = HELPDESK, MAIL_SERVER
