"""News by mail of tickets that are merged, and of merges that are undone."""

import pytest

from messaging.actions import post_message
from notifications.composing import compose
from notifications.models import Delivery, Kind, Subscription
from notifications.subscriptions import unsubscribe
from tests.support.factories import HELPDESK, make_ticket, with_browser
from tests.support.mail_servers import ADDRESS, make_subscription
from tickets.duplicates.merging import merge_ticket, unmerge_ticket

pytestmark = pytest.mark.django_db
ADA = with_browser("ada")


def test_news_of_a_merged_ticket_go_on_with_the_kept_one_until_it_is_undone():
    duplicate, kept = make_ticket(), make_ticket()
    make_subscription(duplicate)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert f"as a duplicate of ticket {kept.pk}" in compose(Delivery.objects.get()).text
    post_message(kept, by=HELPDESK, body="On the way")
    assert Delivery.objects.get(ticket=kept, kind=Kind.NEWS).events[0]["verb"] == "messaged"
    unmerge_ticket(duplicate, by=HELPDESK, reason="Another lamp")
    assert not Subscription.objects.filter(ticket=kept).exists()
    assert Subscription.objects.filter(ticket=duplicate).exists()


def test_news_that_somebody_asked_for_go_on_when_a_merge_is_undone():
    duplicate, kept = make_ticket(), make_ticket()
    make_subscription(duplicate)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    make_subscription(kept, is_confirmed=False)
    unmerge_ticket(duplicate, by=HELPDESK, reason="Another lamp")
    assert Subscription.objects.filter(ticket=kept).exists()


def test_no_more_mails_about_a_duplicate_ends_those_of_the_kept_ticket():
    duplicate, kept = make_ticket(), make_ticket()
    subscription = make_subscription(duplicate)
    other = make_subscription(kept, "otto@example.edu", browser="otto")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    unsubscribe(subscription)
    assert list(Subscription.objects.all()) == [other]


def test_no_more_mails_of_a_ticket_in_between_ends_those_of_the_kept_ticket():
    first, second, kept = make_ticket(), make_ticket(), make_ticket()
    make_subscription(first)
    merge_ticket(first, into=second, by=HELPDESK)
    merge_ticket(second, into=kept, by=HELPDESK)
    unsubscribe(Subscription.objects.get(ticket=second))
    assert [row.ticket for row in Subscription.objects.all()] == [first]


def test_merge_brings_an_address_that_a_stranger_asked_to_confirm():
    duplicate, kept = make_ticket(), make_ticket()
    make_subscription(duplicate)
    make_subscription(kept, browser="otto", is_confirmed=False)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    brought = Subscription.objects.get(ticket=kept)
    assert (brought.brought_by, brought.browser) == (duplicate, ADA.browser)
    assert brought.confirmed_at


def test_stranger_does_not_keep_what_a_merge_brought():
    duplicate, kept = make_ticket(), make_ticket()
    make_subscription(duplicate)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    make_subscription(kept, browser="otto", is_confirmed=False)
    unmerge_ticket(duplicate, by=HELPDESK, reason="Another lamp")
    assert not Subscription.objects.filter(ticket=kept).exists()


@pytest.mark.parametrize("undone", ["first", "second"])
def test_undoing_one_of_two_merges_in_a_row_takes_back_its_own_subscriptions(undone):
    first, second, kept = make_ticket(), make_ticket(), make_ticket()
    make_subscription(first)
    make_subscription(second, "otto@example.edu", browser="otto")
    merge_ticket(first, into=second, by=HELPDESK)
    merge_ticket(second, into=kept, by=HELPDESK)
    unmerge_ticket({"first": first, "second": second}[undone], by=HELPDESK, reason="Another lamp")
    stay = {"first": "otto@example.edu", "second": ADDRESS}[undone]
    assert [row.address for row in Subscription.objects.filter(ticket=kept)] == [stay]
    if undone == "second":
        assert [row.address for row in Subscription.objects.filter(ticket=second)] == ["otto@example.edu"]
