import pytest

from tickets.lifecycle import Status, next_move, previous_status


def test_next_move_goes_one_step_and_ends_at_closed():
    assert [next_move(status) for status in Status] == [Status.ACTIVE, Status.CLOSED, None]


def test_previous_status_is_the_inverse_of_next_move():
    assert {status: next_move(previous_status(status)) for status in (Status.ACTIVE, Status.CLOSED)} == {
        Status.ACTIVE: Status.ACTIVE,
        Status.CLOSED: Status.CLOSED,
    }


def test_next_move_raises_on_an_unknown_status():
    with pytest.raises(ValueError):
        next_move("reopened")
