import pytest
from django.db import IntegrityError

from common.roles import Caller, Role
from incoming_mail import receiving, refusals
from incoming_mail.addresses import make_message_id, make_reply_address
from incoming_mail.models import IncomingMail, State
from incoming_mail.receiving import receive
from messaging.models import Message
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mails import TEXT, mail, multipart, part, photo, plain, readable, refused
from tickets.actions import close_ticket
from tickets.duplicates.merging import merge_ticket
from tickets.models import Ticket, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inbox", "own_storage")]


def count_written() -> tuple[int, int]:
    return Ticket.objects.count(), Message.objects.count()


def test_personal_mail_opens_a_ticket():
    row = receive(mail(From="Ursula Klein <ursula@example.edu>"))
    ticket = row.ticket
    assert (row.state, row.reason, row.sender, row.is_confirmed) == (
        State.DONE,
        "",
        "ursula@example.edu",
        False,
    )
    assert (ticket.description, ticket.opener_name) == (f"Lamp in H 204\n\n{TEXT}", "Ursula Klein")
    assert (ticket.status, ticket.category, ticket.category_source) == ("open", "facility", "machine")
    event = TicketEvent.objects.get()
    assert (event.verb, event.by_role, event.by_name) == ("opened", "user", "Ursula Klein")


READABLE = {**readable.PERSONAL, **readable.HTML}


def test_every_readable_mail_becomes_a_ticket(monkeypatch):
    """All of them in one test, which keeps each in the same database."""
    monkeypatch.setattr(refusals, "MAX_BY_SENDER", 1000)
    rows = {name: receive(mail_bytes(made.raw, name)) for name, made in READABLE.items()}
    assert {name: row.reason for name, row in rows.items() if row.state != State.DONE} == {}
    assert Ticket.objects.count() == len({row.identity for row in rows.values()}) > 80
    assert not Ticket.objects.filter(description__contains="@example.edu>").exists()


def mail_bytes(raw: bytes, name: str) -> bytes:
    """The same mail with a Message-ID of its own, where it has one."""
    return raw.replace(b"<1@mail", f"<{abs(hash(name))}@mail".encode())


def test_no_other_mail_becomes_anything(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_BY_SENDER", 1000)
    others = {name: mail(**headers) for name, (_, headers) in refused.NOT_PERSONAL.items()}
    others |= {name: made.raw for name, made in refused.REPORTS.items()}
    rows = {name: receive(mail_bytes(raw, name)) for name, raw in others.items()}
    assert {name for name, row in rows.items() if row.state != State.IGNORED or not row.reason} == set()
    unreadable = {mail_bytes(raw, name) for name, raw in refused.UNREADABLE.items()}
    kept = {bytes(row.raw): row for row in map(receive, unreadable)}
    assert {row.state for row in kept.values()} == {State.SET_ASIDE}
    assert kept.keys() == unreadable
    assert count_written() == (0, 0)


def test_mail_that_came_before_is_nothing_new():
    first = receive(mail())
    assert receive(mail()) == first
    assert receive(b"Received: by another server\n" + mail()) == first
    assert receive(mail(Message_ID=None)) == receive(mail(Message_ID=None)) != first
    assert (IncomingMail.objects.count(), Ticket.objects.count()) == (2, 2)


def test_same_message_id_of_another_sender_or_time_is_another_mail():
    rows = [
        receive(mail()),
        receive(mail(From="otto@example.edu")),
        receive(mail(Date="Tue, 3 Mar 2026 10:00:00 +0100")),
    ]
    assert len({row.ticket_id for row in rows}) == 3


def test_mails_with_the_same_message_id_and_no_date_are_told_apart_by_their_bytes():
    rows = [receive(mail(text, Date=date)) for text in ("One", "Two") for date in (None, "yesterday")]
    assert len({row.ticket_id for row in rows}) == 4
    assert receive(mail("One", Date=None)) == rows[0]


def test_mail_without_a_message_id_is_the_same_from_a_mailbox_and_a_pipe():
    raw = mail("One\nTwo", Message_ID=None)
    assert receive(raw.replace(b"\n", b"\r\n")) == receive(raw)


@pytest.mark.parametrize("list_comes_first", [True, False])
def test_mail_that_also_came_by_a_list_is_taken_in_once(list_comes_first):
    copies = [mail(List_Id="<staff.example.edu>"), mail()]
    rows = [receive(raw) for raw in (copies if list_comes_first else reversed(copies))]
    assert {row.state for row in rows} == {State.DONE, State.IGNORED}
    assert Ticket.objects.count() == 1


def test_photos_are_attached_and_other_files_named():
    pdf = part('application/pdf; name="plan.pdf"', "x")
    row = receive(multipart("mixed", plain("Before."), photo(), plain("After."), pdf))
    assert [one.state for one in row.ticket.photos.all()] == ["waiting"]
    assert row.ticket.description.endswith("Before.\n\nAfter.\n\nFiles that were not taken over: plan.pdf")


def test_sixth_photo_is_named_as_left_out():
    parts = [photo().replace(b"iVBOR", f"iVBO{n}".encode()) for n in range(6)]
    row = receive(multipart("mixed", plain(), *parts))
    assert row.ticket.photos.count() == 5
    assert row.ticket.description.endswith("not taken over: IMG_1.PNG")


def test_photo_without_a_word_opens_a_ticket():
    row = receive(multipart("mixed", photo(), Subject=None))
    assert (row.ticket.description, row.ticket.photos.count()) == ("Sent with photos only.", 1)


def test_long_mail_is_cut_and_stays_whole_beside_the_ticket():
    row = receive(mail("word " * 10_000))
    assert len(row.ticket.description) <= 20_000
    assert row.ticket.description.endswith("[...]")
    assert len(row.text) == 49_999


QUOTED = "It is H 204.\n\nOn Mon, Mar 2, 2026 Helpdesk <h@example.edu> wrote:\n> Which room?"


def test_answer_to_a_signed_address_becomes_a_message():
    ticket = make_ticket("active")
    row = receive(mail(QUOTED, To=f"Helpdesk <{make_reply_address(ticket.pk).upper()}>"))
    assert (row.ticket, row.message.ticket, row.message.body) == (ticket, ticket, "It is H 204.")
    assert (row.message.author_role, row.message.author_name) == ("user", "Ursula Klein")
    assert row.text == QUOTED
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("field", ["In_Reply_To", "References"])
def test_answer_to_a_signed_message_id_becomes_a_message(field):
    ticket = make_ticket()
    named = make_message_id(ticket.pk, "a1", "example.edu")
    row = receive(mail(QUOTED, **{field: f"<x@y>\n {named}"}))
    assert row.message.ticket == ticket


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Re: Ticket {pk}"},
        {"To": "helpdesk+{pk}@example.edu"},
        {"To": "helpdesk+{pk}-aaaaaaaaaaaaaaaaaaaaaaaa@example.edu"},
        {"In_Reply_To": "<{pk}.a.aaaaaaaaaaaaaaaaaaaaaaaa@example.edu>"},
    ],
)
def test_number_without_a_signature_is_no_answer(headers):
    ticket = make_ticket()
    row = receive(mail(QUOTED, **{name: value.format(pk=ticket.pk) for name, value in headers.items()}))
    assert row.ticket != ticket
    assert QUOTED in row.ticket.description
    assert Message.objects.count() == 0


def test_answer_to_a_closed_ticket_opens_one_that_names_it():
    ticket = make_ticket("closed")
    row = receive(mail(To=make_reply_address(ticket.pk)))
    assert row.ticket != ticket
    assert (
        row.ticket.description
        == f"Lamp in H 204\n\n{TEXT}\n\nThis follows ticket {ticket.pk}, which is closed."
    )


def test_answer_to_a_closed_ticket_shows_nobody_what_it_quotes():
    ticket = make_ticket("closed")
    row = receive(mail(QUOTED, To=make_reply_address(ticket.pk)))
    assert row.ticket.description.startswith("Lamp in H 204\n\nIt is H 204.\n\nThis follows")
    assert row.text == QUOTED
    row = receive(mail("> Which room?", To=make_reply_address(ticket.pk), Message_ID="<2@x>"))
    assert row.ticket.description.startswith("Lamp in H 204\n\nThis follows")


def test_answer_to_a_merged_ticket_names_the_one_that_its_sender_knows():
    duplicate, kept = make_ticket(), make_ticket("active")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    close_ticket(kept, by=HELPDESK)
    row = receive(mail(To=make_reply_address(duplicate.pk)))
    assert row.ticket.description.endswith(f"This follows ticket {duplicate.pk}, which is closed.")


def test_signed_address_in_a_text_is_shown_to_nobody():
    address = make_reply_address(make_ticket().pk)
    row = receive(mail(f"I wrote to {address}, and to {address.upper()}."))
    assert row.ticket.description.endswith("I wrote to helpdesk@example.edu, and to helpdesk@example.edu.")


def test_answer_without_the_address_of_a_closed_ticket_does_not_name_it():
    ticket = make_ticket("closed")
    row = receive(mail(In_Reply_To=make_message_id(ticket.pk, "a", "example.edu")))
    assert row.ticket.description == f"Lamp in H 204\n\n{TEXT}"


def test_answer_to_a_merged_ticket_goes_to_the_kept_one():
    duplicate, kept = make_ticket(), make_ticket()
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert receive(mail(To=make_reply_address(duplicate.pk))).message.ticket == kept


def test_answer_without_a_text_waits_for_the_helpdesk():
    ticket = make_ticket()
    row = receive(mail("", To=make_reply_address(ticket.pk), Subject="Re: Lamp"))
    assert (row.state, row.reason) == (State.SET_ASIDE, f"It answers ticket {ticket.pk} and has no text.")
    assert count_written() == (1, 0)


def test_answer_of_photos_alone_becomes_a_message():
    ticket = make_ticket()
    row = receive(multipart("mixed", photo(), To=make_reply_address(ticket.pk)))
    assert (row.message.body, row.message.photos.count()) == ("Sent with photos only.", 1)


def test_bounce_names_the_address():
    assert receive(refused.REPORTS["bounce"].raw).reason == "Undeliverable: gone@example.org."


def test_name_that_is_an_address_is_shown_to_nobody():
    row = receive(mail(From='"ursula@example.edu" <ursula@example.edu>'))
    assert (row.ticket.opener_name, row.sender) == ("", "ursula@example.edu")


def test_sender_is_a_user_of_no_browser():
    by = receiving.sender_of(IncomingMail(sender="ursula@example.edu", sender_name="Ursula"))
    assert by == Caller(Role.USER, name="Ursula", session=by.session)
    assert by.session == receiving.sender_of(IncomingMail(sender="ursula@example.edu")).session
    assert "ursula" not in by.session


def test_row_without_a_ticket_is_not_done():
    with pytest.raises(IntegrityError):
        IncomingMail.objects.create(identity="x", state=State.DONE)
