import pytest
from django.core.management import CommandError, call_command

from common.errors import Invalid, NotAllowed
from places.csv_import import read_places
from places.edits import PlaceFields
from places.merge_proposals import compare_places
from places.models import MergeProposal, Place, PlaceChange
from places.spelling import find_place
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.models import Ticket
from tickets.place_actions import dismiss_proposal, import_places, keep_places, merge_places, save_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def changes() -> list[str]:
    return list(PlaceChange.objects.order_by("pk").values_list("text", flat=True))


def locations() -> set[str]:
    return {ticket.location for ticket in Ticket.objects.all()}


def test_only_the_helpdesk_keeps_places():
    make_ticket(building="Gym")
    gym = Place.objects.get()
    for action in (
        lambda: save_place(gym, by=USER, fields=PlaceFields("Hall")),
        lambda: merge_places(gym, gym, by=USER),
        lambda: keep_places([gym], by=USER, is_active=True),
        lambda: import_places([], by=USER),
        lambda: dismiss_proposal(MergeProposal(first=gym, second=gym), by=USER),
    ):
        with pytest.raises(NotAllowed):
            action()
    assert (Place.objects.get().name, Place.objects.get().is_listed) == ("Gym", False)


def test_renamed_building_and_room_keep_their_tickets(commit):
    make_ticket(building="Gym", room="Court 1")
    make_ticket("closed", building="Gym", room="Court 1")
    with commit():
        gym = save_place(find_place("Gym"), by=HELPDESK, fields=PlaceFields("Sports Hall", "SH"))
    with commit():
        save_place(find_place("court 1", gym), by=HELPDESK, fields=PlaceFields("Centre Court"))
    assert locations() == {"Sports Hall, Centre Court"}
    assert make_ticket(building="sh", room="court 1").location == "Sports Hall, Centre Court"
    assert changes() == ["Renamed Gym to Sports Hall", "Renamed Sports Hall, Court 1 to Centre Court"]


def test_merged_buildings_are_one_with_all_tickets(commit):
    make_ticket(building="Main Bldg", room="1.01")
    make_ticket("closed", building="Main Building", room="1.02")
    compare_places()
    assert MergeProposal.objects.count() == 1
    with commit():
        merge_places(find_place("Main Building"), find_place("Main Bldg"), by=HELPDESK)
    assert locations() == {"Main Building, 1.01", "Main Building, 1.02"}
    assert (Place.objects.buildings().get().is_listed, MergeProposal.objects.count()) == (True, 0)
    assert make_ticket(building="MAIN BLDG").building == "Main Building"


def test_merge_of_what_is_gone_or_elsewhere_is_refused():
    make_ticket(building="Gym", room="1")
    make_ticket(building="Zoo", room="1")
    gym, zoo = find_place("Gym"), find_place("Zoo")
    for one, other in (
        (gym, gym),
        (find_place("1", gym), find_place("1", zoo)),
        (gym, Place(pk=zoo.pk + 99)),
    ):
        with pytest.raises(Invalid):
            merge_places(one, other, by=HELPDESK)
    assert Place.objects.count() == 4


def test_kept_building_is_no_longer_secret():
    make_ticket("closed", building="Gym")
    keep_places([find_place("Gym")], by=HELPDESK, is_active=True)
    assert make_ticket(building="GYM").building == "Gym"


def test_ignored_building_stays_secret_and_is_not_suggested():
    make_ticket("closed", building="Gym")
    keep_places([find_place("Gym")], by=HELPDESK, is_active=False)
    assert (Place.objects.get().is_active, make_ticket(building="GYM").building) == (False, "GYM")


def test_file_adds_and_changes_places(commit):
    make_ticket(building="Main Bldg", room="1.01")
    make_ticket(building="Zoo")
    rows = read_places(
        b"building,room,code,campus,spellings,active\n"
        b"Main Building,,MB,North,Main Bldg|MAB,yes\nMain Building,1.01,,,,\nMB,1.02,,,Lab,\nZoo,,,,,no\n"
    )
    for _ in range(2):
        with commit():
            assert import_places(rows, by=HELPDESK) == 4
    assert set(Place.objects.values_list("name", "code", "is_listed", "is_active")) == {
        ("Main Building", "MB", True, True),
        ("1.01", "", True, True),
        ("1.02", "", True, True),
        ("Zoo", "", True, False),
    }
    assert find_place("mab") == find_place("Main Bldg") == find_place("MB")
    assert locations() == {"Main Building, 1.01", "Zoo"}


def test_file_with_a_bad_line_changes_nothing():
    rows = read_places(b"building,code\nGym,G\nZoo,G\n\n" + b"x" * 101 + b",X\n")
    with pytest.raises(Invalid) as refusal:
        import_places(rows, by=HELPDESK)
    assert refusal.value.errors["file"] == [
        "Line 3: “G” already names Gym.",
        "Line 5: Must have at most 100 characters.",
    ]


def test_command_imports_a_file_or_nothing(tmp_path, capsys):
    file = tmp_path / "places.csv"
    file.write_text("building,code\nGym,G\nZoo,G\n")
    with pytest.raises(CommandError, match=r"Nothing was imported\.\nLine 3: “G” already names Gym"):
        call_command("load_places", str(file))
    assert not Place.objects.exists()
    file.write_text("building,code\nGym,G\nZoo,Z\n")
    call_command("load_places", str(file))
    assert (Place.objects.count(), capsys.readouterr().out) == (2, "2 places imported.\n")
    assert PlaceChange.objects.get().by_name == "load_places"
