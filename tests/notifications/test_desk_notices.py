"""What the helpdesk gets by mail, and where it sets that."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from notifications.composing import compose
from notifications.desk_notices import make_digests
from notifications.models import Delivery, Kind, NotificationSettings
from tests.support.factories import USER, make_ticket, shift
from tests.support.pages import text_of

pytestmark = pytest.mark.django_db
ADDRESSES = ["desk@example.edu", "boss@example.edu"]
ADMIN = "/admin/notifications/notificationsettings/1/change/"
MORNING = datetime(2026, 11, 30, 6, 30, tzinfo=UTC)  # half past seven in the campus zone of the tests


@pytest.fixture
def chosen(db) -> NotificationSettings:
    NotificationSettings.objects.all().delete()
    return NotificationSettings.objects.create(
        new_ticket_addresses="\n".join(ADDRESSES), digest_addresses=ADDRESSES[0]
    )


def make_digests_at(moment: datetime) -> list[Delivery]:
    with patch.object(timezone, "now", return_value=moment):
        make_digests()
    return list(Delivery.objects.filter(kind=Kind.DIGEST))


def test_nothing_is_sent_before_the_helpdesk_chooses_an_address():
    make_ticket()
    make_digests_at(MORNING)
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("chosen")
def test_new_ticket_is_announced_at_once_to_each_address():
    ticket = make_ticket(description="The lift\nis <stuck>", building="Library", by=USER, key="k")
    make_ticket(description="The lift\nis <stuck>", building="Library", by=USER, key="k")  # sent again
    deliveries = Delivery.objects.due()
    assert sorted(row.recipient for row in deliveries) == sorted(ADDRESSES)
    mail = compose(deliveries[0])
    assert mail.subject == f"New ticket {ticket.pk}: The lift"
    texts = ("Facility management, Library", "Ursula (user)", "is <stuck>", f"/desk/tickets/{ticket.pk}/")
    assert all(text in mail.text for text in texts)
    assert "is &lt;stuck&gt;" in mail.html


@pytest.mark.usefixtures("chosen")
def test_digest_comes_once_a_day_from_its_hour_on():
    assert make_digests_at(MORNING - timedelta(hours=1)) == []
    assert len(make_digests_at(MORNING)) == 1
    assert len(make_digests_at(MORNING + timedelta(hours=9))) == 1
    assert len(make_digests_at(MORNING + timedelta(days=1))) == 2


@pytest.mark.usefixtures("chosen")
def test_digest_lists_what_waits_longest_first():
    NotificationSettings.objects.update(new_ticket_addresses="")
    make_ticket(description="The new one")
    shift(make_ticket(description="The old one"), timedelta(days=3, minutes=1))
    make_ticket("active", description="The active one")
    make_ticket("closed", description="The closed one")
    (delivery,) = make_digests_at(MORNING)
    mail = compose(delivery)
    assert mail.subject == "What waits: 2 open, 1 active"
    places = [mail.text.index(text) for text in ("The old one (3 days)", "The new one", "The active one")]
    assert places == sorted(places)
    assert "closed one" not in mail.text


def test_addresses_are_set_in_the_admin(helpdesk, user):
    NotificationSettings.objects.get_or_create(pk=1)
    form = {"new_ticket_addresses": "desk@Example.edu\n desk@example.edu", "digest_addresses": ""}
    assert helpdesk.post(ADMIN, form | {"digest_hour": "6"}).status_code == 302
    assert NotificationSettings.read().new_ticket_addresses == "desk@example.edu"
    refused = helpdesk.post(ADMIN, form | {"digest_addresses": "desk", "digest_hour": "24"})
    assert "Enter e-mail addresses like name@example.edu" in text_of(refused)
    assert "less than or equal to 23" in text_of(refused)
    assert user.post(ADMIN, form).status_code in (302, 403)
    assert NotificationSettings.read().digest_hour == 6
