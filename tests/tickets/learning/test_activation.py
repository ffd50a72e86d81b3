import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from common.errors import Hidden, NotAllowed
from tests.support.factories import HELPDESK, USER
from tests.support.triage_models import make_version
from tickets.errors import WrongState
from tickets.learning.activation import activate_model
from tickets.models import TriageModel

pytestmark = pytest.mark.django_db


def test_activate_model_tells_who_did_it_and_leaves_one_active():
    first, second = make_version(0.3), make_version(0.4)
    activate_model(second.version, by=HELPDESK)
    rolled_back = activate_model(first.version, by=HELPDESK)
    assert list(TriageModel.objects.filter(is_active=True)) == [first]
    assert (rolled_back.activated_by_role, rolled_back.activated_by_name) == ("helpdesk", HELPDESK.name)
    second.refresh_from_db()
    assert rolled_back.activated_at > second.activated_at


def test_activate_model_of_the_active_one_changes_nothing():
    row = make_version(0.3)
    before = activate_model(row.version, by=HELPDESK).activated_at
    assert activate_model(row.version, by=HELPDESK).activated_at == before


def test_activate_model_is_the_helpdesks():
    with pytest.raises(NotAllowed):
        activate_model(make_version(0.3).version, by=USER)


def test_activate_model_of_an_unknown_version_is_hidden():
    with pytest.raises(Hidden):
        activate_model("1-none", by=HELPDESK)


@pytest.mark.parametrize("columns", [{"refusal": "It is worse."}, {"raw": b"damaged"}, {"sha256": "0"}])
def test_activate_model_refuses_what_must_not_run(columns):
    row = make_version(0.3, **columns)
    with pytest.raises(WrongState):
        activate_model(row.version, by=HELPDESK)
    assert not TriageModel.objects.filter(is_active=True).exists()


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"is_active": True, "activated_at": Now()}, "one_active_triage_model"),
        ({"refusal": "Worse.", "activated_at": Now()}, "refused_triage_model_never_ran"),
        ({"is_active": True}, "active_triage_model_has_moment"),
        ({"version": None}, "version"),
    ],
)
def test_database_refuses_versions_that_cannot_be(columns, constraint):
    active = make_version(0.3, is_active=constraint == "one_active_triage_model", activated_at=Now())
    if "version" in columns:
        columns = {"version": active.version}
    row = make_version(0.4)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        TriageModel.objects.filter(pk=row.pk).update(**columns)
