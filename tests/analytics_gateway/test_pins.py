from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from analytics_gateway.actions import cancel_analysis
from analytics_gateway.errors import TooManyPins
from analytics_gateway.models import Analysis, Pin
from analytics_gateway.pins import MAX_PINS, pin_analysis, refresh_pins, unpin
from analytics_gateway.queue_limits import MAX_WAITING
from common.errors import Invalid, NotAllowed
from tests.support.analyses import (
    HELPDESK,
    USER,
    make_analysis,
    make_done,
    make_old,
    make_running,
    run_concurrently,
    shift_timestamps,
)
from tests.support.factories import make_ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(seconds=61)


def pin_week() -> Pin:
    return pin_analysis("unresolved", {"period": "7d"}, by=HELPDESK)


def test_pin_stores_the_request_and_who_pinned_it():
    pin = pin_week()
    pin.refresh_from_db()
    assert (pin.title, pin.params, pin.pinned_by_name) == (
        "Unresolved tickets, opened recently",
        {"period": "7d"},
        "Hedda",
    )


def test_pinning_twice_returns_the_same_pin():
    assert pin_week() == pin_week()
    assert Pin.objects.count() == 1


@pytest.mark.parametrize(
    ("service", "params"), [("weather", {}), ("unresolved", {}), ("unresolved", {"period": "0d"})]
)
def test_invalid_request_is_not_pinned(service, params):
    with pytest.raises(Invalid):
        pin_analysis(service, params, by=HELPDESK)
    assert not Pin.objects.exists()


def test_users_neither_pin_nor_unpin_nor_refresh():
    pin = pin_week()
    for attempt in (
        lambda: pin_analysis("ageing", {}, by=USER),
        lambda: unpin(pin, by=USER),
        lambda: refresh_pins(by=USER),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert list(Pin.objects.all()) == [pin]
    assert not Analysis.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pins_are_limited():
    pins = iter(range(1, MAX_PINS + 3))
    answers = run_concurrently(
        MAX_PINS + 2, lambda: pin_analysis("backlog", {"days": next(pins)}, by=HELPDESK)
    )
    assert Pin.objects.count() == MAX_PINS
    assert sum(isinstance(answer, TooManyPins) for answer in answers) == 2


def test_unpin_leaves_the_results():
    done = make_done()
    unpin(pin_week(), by=HELPDESK)
    assert not Pin.objects.exists()
    assert Analysis.objects.get() == done


def test_refresh_requests_one_update_for_each_pin(valkey):
    pin_week()
    pin_analysis("ageing", {}, by=HELPDESK)
    answers = refresh_pins(by=HELPDESK)
    assert {(a.service, a.state, a.is_for_pin) for a in answers} == {
        ("unresolved", "queued", True),
        ("ageing", "queued", True),
    }


def test_interrupted_refresh_requests_nothing(valkey):
    pin_week()
    pin_analysis("ageing", {}, by=HELPDESK)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION shut_down() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'going down' USING ERRCODE = 'admin_shutdown'; END $$;
            CREATE TRIGGER shut_down BEFORE INSERT ON analytics_gateway_analysis
            FOR EACH ROW WHEN (NEW.service = 'ageing') EXECUTE FUNCTION shut_down()
        """)
    with pytest.raises(OperationalError):
        refresh_pins(by=HELPDESK)
    assert not Analysis.objects.exists()


@pytest.mark.parametrize("make", [make_analysis, make_running, make_done])
def test_pins_are_refreshed_at_most_once_a_minute(valkey, make):
    pin_week()
    make()
    for _ in range(10):
        make_ticket()
        assert refresh_pins(by=HELPDESK) == []
    assert Analysis.objects.count() == 1


def test_pin_is_refreshed_again_after_a_minute(valkey):
    pin_week()
    make_old(make_done(), MINUTE)
    make_ticket()
    assert [a.state for a in refresh_pins(by=HELPDESK)] == ["queued"]
    assert Analysis.objects.count() == 2


def test_pin_with_a_running_update_is_not_refreshed_again(valkey):
    pin_week()
    shift_timestamps(make_running(), MINUTE, "requested_at", "started_at")
    assert refresh_pins(by=HELPDESK) == []


def test_pin_with_a_cancelled_update_is_refreshed_after_a_minute(valkey):
    pin_week()
    make_old(cancel_analysis(make_analysis(), by=HELPDESK), MINUTE)
    assert len(refresh_pins(by=HELPDESK)) == 1


@pytest.mark.django_db(transaction=True)
def test_unchanged_result_is_reused_for_a_pin(valkey):
    pin_analysis("active-by-category", {}, by=HELPDESK)
    done = make_old(make_done(service="active-by-category"), MINUTE)
    assert refresh_pins(by=HELPDESK) == [done]
    assert Analysis.objects.count() == 1


def test_full_queue_and_removed_service_leave_pins_unchanged():
    Analysis.objects.bulk_create(
        Analysis(service="by-place", asked_by_role="helpdesk") for _ in range(MAX_WAITING)
    )
    Pin.objects.create(service="weather")
    pin_week()
    assert refresh_pins(by=HELPDESK) == []
    assert Analysis.objects.count() == MAX_WAITING


def test_pin_is_refreshed_in_another_campus_time_zone(valkey, settings):
    pin_week()
    old = make_done()
    assert Pin.objects.answered().get().done_id == old.pk
    settings.CAMPUS_TIME_ZONE = "Pacific/Auckland"
    pin = Pin.objects.answered().get()
    assert (pin.newest_id, pin.done_id) == (None, None)
    (new,) = refresh_pins(by=HELPDESK)
    assert (new.state, new.time_zone) == ("queued", "Pacific/Auckland")
