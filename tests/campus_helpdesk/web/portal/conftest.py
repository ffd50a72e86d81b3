import pytest

from tests.support.factories import make_ticket


@pytest.fixture
def ticket(db):
    return make_ticket(description="The lift is stuck\nsince nine", building="Library", room="Lobby")
