import pytest
from celery import Celery

from campus_helpdesk.celery import app


class Enough(Exception):
    pass


@pytest.mark.parametrize(
    "name", ["analytics_workers.broker:PersistentAMQP", app.amqp_cls], ids=["analytics", "gateway"]
)
def test_a_broker_that_is_away_is_tried_every_few_seconds(name):
    pauses: list[float] = []

    def note(error: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 3:
            raise Enough

    lonely = Celery("lonely", broker="redis://127.0.0.1:1/0", amqp=name, set_as_current=False)
    with lonely.connection_for_read() as connection, pytest.raises(Enough):
        connection.ensure_connection(note, 100)
    assert pauses == [1, 2, 2]
