import pytest

from messaging.models import Message
from tests.support.factories import make_conversation, make_ticket
from tests.support.walks import parts_of, walk_back, walk_forward


@pytest.fixture
def ticket(db):
    return make_ticket()


def test_conversation_is_oldest_first_and_without_notes_for_users(user, helpdesk, ticket):
    make_conversation(ticket)
    path = f"tickets/{ticket.pk}/messages/"
    bodies = [row["body"] for row in user.api("GET", path).json()["results"]]
    assert bodies == ["Is anybody coming?", "A technician is on the way."]
    assert len(helpdesk.api("GET", path).json()["results"]) == 3


def test_post_returns_201_with_the_message(user, ticket):
    response = user.api("POST", f"tickets/{ticket.pk}/messages/", {"body": " Please hurry "})
    assert response.status_code == 201
    assert (response.json()["body"], response.json()["author_role"], response.json()["author_name"]) == (
        "Please hurry",
        "user",
        "Ursula",
    )


def test_only_the_helpdesk_may_post_a_note(user, helpdesk, ticket):
    path, note = f"tickets/{ticket.pk}/messages/", {"body": "x", "is_internal": True}
    assert user.api("POST", path, note).status_code == 403
    assert user.api("POST", path, {"is_internal": True}).status_code == 403
    assert helpdesk.api("POST", path, note).status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {"body": " "}, {"body": 7}, {"body": "x", "is_internal": "yes"}, {"body": "x", "a": 1}]
)
def test_post_refuses_bad_input(helpdesk, ticket, body):
    response = helpdesk.api("POST", f"tickets/{ticket.pk}/messages/", body)
    assert response.status_code == 400
    assert response.json()["errors"]
    assert not Message.objects.exists()


def test_post_under_a_closed_ticket_is_409_even_with_a_bad_body(helpdesk):
    closed = make_ticket("closed")
    assert helpdesk.api("POST", f"tickets/{closed.pk}/messages/", {}).status_code == 409


def test_note_changes_nothing_that_a_user_sees(user, ticket):
    from messaging.actions import post_message
    from tests.support.factories import HELPDESK

    def seen():
        one = user.api("GET", f"tickets/{ticket.pk}/")
        return one.json(), one["ETag"], user.api("GET", f"tickets/{ticket.pk}/history/").json()

    before = seen()
    post_message(ticket, by=HELPDESK, body="Between us", is_internal=True)
    assert seen() == before


def test_repeated_post_with_the_same_key_returns_the_first_message(user, ticket):
    path = f"tickets/{ticket.pk}/messages/"
    first, again = (user.api("POST", path, {"body": "Please hurry"}, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert user.api("POST", path, {"body": "Something else"}, Idempotency_Key="k").status_code == 422
    assert Message.objects.count() == 1


def test_messages_of_equal_times_have_the_same_pages_forward_and_back(user, helpdesk):
    ticket = make_ticket()
    texts = [f"Message {number}" for number in range(8)]
    Message.objects.bulk_create(
        Message(ticket=ticket, author_role="user", body=text, sent_at=ticket.opened_at) for text in texts
    )
    made = list(Message.objects.order_by("id").values_list("id", flat=True))
    address = f"/api/v1/tickets/{ticket.pk}/messages/?page_size=3"
    for walk in (walk_forward, walk_back):
        assert walk(lambda link: user.get(link).json(), address) == parts_of(made, 3)
