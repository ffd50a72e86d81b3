import pytest

from incoming_mail.addresses import (
    make_message_id,
    make_reply_address,
    read_message_id,
    read_reply_address,
)

pytestmark = pytest.mark.usefixtures("inbox")


def test_reply_address_names_its_ticket_in_any_case():
    address = make_reply_address(12)
    assert address.startswith("helpdesk+12-")
    assert len(address.partition("@")[0]) <= 64
    assert (read_reply_address(address), read_reply_address(address.upper())) == (12, 12)


def test_helpdesk_without_an_address_makes_and_reads_none(settings):
    address = make_reply_address(12)
    settings.INBOX_ADDRESS = ""
    assert (make_reply_address(12), read_reply_address(address), read_reply_address("")) == ("", None, None)


def test_message_id_names_its_ticket():
    made = make_message_id(12, "a1b2", "example.edu")
    assert made != make_message_id(12, "a1b3", "example.edu")
    assert read_message_id(made) == 12


FORGED = ["13-", "012-", "12-" + "a" * 16, "12", "", "-", "12-\u0131", "99999999999999999999-"]


@pytest.mark.parametrize("start", FORGED)
def test_forged_address_names_no_ticket(start):
    mac = make_reply_address(12).partition("-")[2].partition("@")[0]
    tag = start + mac if start.endswith("-") else start
    assert read_reply_address(f"helpdesk+{tag}@example.edu") is None


def test_signature_holds_for_its_own_purpose_ticket_and_name():
    mac = make_message_id(12, "a", "x").split(".")[2].partition("@")[0]
    forged = [f"<12.b.{mac}@x>", f"<13.a.{mac}@x>", f"<12.{mac}@x>", "<12.a@x>", "<>", "x"]
    assert [read_message_id(one) for one in forged] == [None] * len(forged)
    assert read_reply_address(f"helpdesk+12-{mac}@example.edu") is None


def test_address_signed_with_another_key_names_no_ticket(settings):
    address = make_reply_address(12)
    settings.SECRET_KEY = "another-key-of-32-or-more-different-letters"
    assert read_reply_address(address) is None
