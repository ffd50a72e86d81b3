import pytest

from tickets.models import Ticket


@pytest.mark.parametrize(
    "body",
    [
        '{"description": "The tap drips", "description": "The lift is stuck"}',
        '{"description": "The tap drips", "room": {"a": 1, "a": 1}}',
    ],
)
def test_json_with_a_repeated_name_is_refused(user, body):
    answer = user.client.post(
        "/api/v1/tickets/", body, content_type="application/json", headers={"X-CSRFToken": user.token}
    )
    assert answer.status_code == 400
    assert "given twice" in answer.json()["detail"]
    assert not Ticket.objects.exists()
