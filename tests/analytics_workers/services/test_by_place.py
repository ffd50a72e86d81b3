from datetime import timedelta
from zoneinfo import ZoneInfo

from matplotlib.figure import Figure

from analytics_workers.services.by_place.compute import chart, measure
from tests.support.api_server import AS_OF
from tests.support.facts import make_facts


def measured(*places):
    """Tickets as (category, status, building)."""
    return measure(make_facts(*map(ticket, places)), {}, as_of=AS_OF, time_zone=ZoneInfo("UTC"))


def ticket(place: tuple[str, str, str]) -> tuple:
    category, status, building = place
    at = AS_OF - timedelta(days=2)
    return (
        category,
        status,
        at,
        at if status == "closed" else None,
        None if status == "open" else at,
        None,
        building,
    )


def test_by_place_counts_buildings_and_categories_largest_first():
    table = measured(
        ("it", "open", "Library"),
        ("it", "active", "Library"),
        ("services", "open", "Canteen"),
        ("facility", "open", ""),
        ("facility", "open", ""),
        ("facility", "open", ""),
        ("it", "closed", "Sports hall"),
    )
    assert table.rows == [
        ["Library", "facility", 0],
        ["Library", "it", 2],
        ["Library", "services", 0],
        ["Canteen", "facility", 0],
        ["Canteen", "it", 0],
        ["Canteen", "services", 1],
        ["no building", "facility", 3],
        ["no building", "it", 0],
        ["no building", "services", 0],
    ]
    assert table.headline.value == 6
    assert table.notes == ["Most tickets: Library (2)."]


def test_by_place_sorts_equal_buildings_by_name():
    table = measured(("it", "open", "b"), ("it", "open", "a"), ("facility", "open", "c"))
    assert [row[0] for row in table.rows[::3]] == ["a", "b", "c"]


def test_by_place_combines_buildings_after_the_twentieth():
    places = [("it", "open", f"House {number:02d}") for number in range(23)]
    table = measured(*places, *places[:20], ("it", "open", "House 22"))
    assert [row[0] for row in table.rows[-6::3]] == ["House 19", "other"]
    assert table.rows[-2] == ["other", "it", 4]
    assert table.notes[-1] == "“Other” combines 3 buildings with 4 tickets."


def test_building_named_other_is_counted_separately():
    table = measured(*[("it", "open", name) for name in ("other", "no building", "")])
    assert [row[0] for row in table.rows[::3]] == ["no building", "other", "no building"]


def test_by_place_without_tickets_is_empty_with_an_explanation():
    for table in (measured(), measured(("it", "closed", "Library"))):
        assert (table.rows, table.headline.value) == ([], 0)
        assert table.empty_message == "No tickets are unresolved."


def test_chart_labels_distinguish_long_building_names():
    names = [f"Faculty of Engineering Building {letter}" for letter in "ABC"]
    axes = Figure().subplots()
    chart(measured(*[("it", "open", name) for name in [*names, "Library"]]), axes)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [*[f"Faculty of E…Building {letter}" for letter in "ABC"], "Library"]


def test_chart_scale_is_that_of_the_named_buildings():
    table = measured(*[("it", "open", "Library")] * 3, *[("it", "open", "")] * 40)
    axes = Figure().subplots()
    chart(table, axes)
    assert axes.collections[0].get_clim() == (0, 3)
    chart(measured(("it", "open", ""), ("it", "open", "")), axes := Figure().subplots())
    assert axes.collections[0].get_clim() == (0, 2)
