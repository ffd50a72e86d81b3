import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from places.edits import PlaceFields
from places.merge_proposals import compare_places
from places.models import MergeProposal, Place, PlaceChange
from places.spelling import find_place
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import count_statements, text_of
from tickets.models import Ticket
from tickets.place_actions import save_place

pytestmark = pytest.mark.django_db
PAGE = "/desk/places/"


@pytest.fixture
def proposal() -> MergeProposal:
    for name in ("Main Building", "Main Bldg"):
        make_ticket(building=name)
    compare_places()
    return MergeProposal.objects.get()


def test_proposal_is_merged_as_the_chosen_building(helpdesk, proposal, django_capture_on_commit_callbacks):
    assert "These may be the same" in text_of(helpdesk.get(PAGE))
    form = {"kept": find_place("Main Bldg").pk, "merged": find_place("Main Building").pk}
    with django_capture_on_commit_callbacks(execute=True):
        assert helpdesk.post(f"{PAGE}merge/", form).status_code == 302
    assert set(Ticket.objects.values_list("building", flat=True)) == {"Main Bldg"}
    page = text_of(helpdesk.get(PAGE))
    assert "Main Building is now part of Main Bldg. Its tickets follow." in page
    assert "These may be the same" not in page


def test_dismissed_proposal_is_not_shown_again(helpdesk, proposal):
    assert helpdesk.post(f"{PAGE}proposals/{proposal.pk}/dismiss/", {}).status_code == 302
    assert "These may be the same" not in text_of(helpdesk.get(PAGE))
    assert Place.objects.count() == 2
    assert PlaceChange.objects.get().text == "Told Main Building and Main Bldg apart"


@pytest.mark.parametrize(("verdict", "shown"), [("keep", (True, True)), ("ignore", (False, False))])
def test_written_names_are_kept_or_ignored(helpdesk, proposal, verdict, shown):
    ids = list(Place.objects.values_list("pk", flat=True))
    assert helpdesk.post(f"{PAGE}keep/", {"place": ids, "verdict": verdict}).status_code == 302
    assert {(place.is_listed, place.is_active) for place in Place.objects.all()} == {shown}
    assert "Only written on tickets" not in text_of(helpdesk.get(PAGE))


@pytest.mark.parametrize("place", ["", "x", "0", "999999999"])
@pytest.mark.parametrize(("path", "field"), [("keep/", "place"), ("merge/", "kept")])
def test_unknown_place_is_refused(helpdesk, path, field, place):
    answer = helpdesk.post(f"{PAGE}{path}", {field: place, "merged": "0"})
    assert answer.status_code == 400
    assert "Choose a place that exists." in text_of(answer)


def test_uploaded_file_is_imported(helpdesk):
    file = SimpleUploadedFile("places.csv", b"building,code\nGym,G\n", "text/csv")
    answer = helpdesk.client.post(f"{PAGE}import/", {"file": file, "csrfmiddlewaretoken": helpdesk.token})
    assert answer.status_code == 302
    assert Place.objects.get().code == "G"
    assert "1 place imported." in text_of(helpdesk.get(PAGE))


def test_long_file_in_windows_1252_is_imported(helpdesk):
    lines = "building,code\nBâtiment 1,B\n" + ",\n" * 500_000
    file = SimpleUploadedFile("places.csv", lines.encode("cp1252"), "text/csv")
    answer = helpdesk.client.post(f"{PAGE}import/", {"file": file, "csrfmiddlewaretoken": helpdesk.token})
    assert answer.status_code == 302
    assert Place.objects.get().name == "Bâtiment 1"


def test_pasted_lines_over_the_limit_of_texts_are_refused_with_it(helpdesk):
    form = {"lines": "x" * 300_000, "csrfmiddlewaretoken": helpdesk.token}
    answer = helpdesk.client.post(f"{PAGE}import/", form)
    assert answer.status_code == 413
    assert "at most 256 KiB" in text_of(answer)


def test_bad_lines_are_named_and_stay_in_the_form(helpdesk):
    lines = "building,active\nGym,yes\nZoo,maybe"
    answer = helpdesk.post(f"{PAGE}import/", {"lines": lines})
    assert answer.status_code == 400
    assert "Line 3: active must be yes or no." in text_of(answer)
    assert "Zoo,maybe" in text_of(answer)
    assert not Place.objects.exists()
    assert helpdesk.post(f"{PAGE}import/", {"lines": ""}).status_code == 400


def test_many_places_take_as_many_queries_as_one(helpdesk):
    few = None
    for number in range(31):
        building = save_place(None, by=HELPDESK, fields=PlaceFields(f"Hall {number}"))
        save_place(None, by=HELPDESK, fields=PlaceFields("1.01"), building=building)
        make_ticket(building=f"Shed {number}")
        few = few or count_statements(connection, helpdesk, PAGE)
    assert count_statements(connection, helpdesk, PAGE) == few
