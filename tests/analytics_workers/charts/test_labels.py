from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.charts.labels import letter_width, shorten_names, split_letters

ROOM = 24
FACULTY = "Faculty of Engineering Building"
names = st.lists(st.text("ab é図\u0301\u094d\u200d क", max_size=60), max_size=22)


def test_names_with_equal_beginnings_keep_their_ends():
    labels = shorten_names([f"{FACULTY} {letter}" for letter in "ABC"], ROOM)
    assert labels == ["Faculty of E…Building A", "Faculty of E…Building B", "Faculty of E…Building C"]


def test_names_with_different_beginnings_keep_them():
    assert shorten_names([f"{letter} {FACULTY}" for letter in "AB"], ROOM) == [
        "A Faculty of…ng Building",
        "B Faculty of…ng Building",
    ]


def test_names_that_differ_in_the_middle_are_cut_elsewhere():
    labels = shorten_names([f"Department {letter} of Chemistry and Pharmacy" for letter in "AB"], ROOM)
    assert labels == ["Department A…nd Pharmacy", "Department B…nd Pharmacy"]
    later = shorten_names([f"Institute of Chem {letter} and of Pharmacy, annex" for letter in "AB"], ROOM)
    assert len(set(later)) == 2
    assert all("Chem" in label for label in later)


def test_names_that_no_cut_distinguishes_are_numbered():
    assert shorten_names(["x" * 40 + letter + "y" * 40 for letter in "AB"], ROOM) == [
        f"1 {'x' * 10}…{'y' * 11}",
        f"2 {'x' * 10}…{'y' * 11}",
    ]


def test_short_and_equal_names_are_unchanged():
    assert shorten_names(["Library", "no building", "no building"], ROOM) == [
        "Library",
        "no building",
        "no building",
    ]


def test_wide_letters_count_twice_and_combined_ones_stay_together():
    assert shorten_names(["図書館" * 6], ROOM) == ["図書館図書館…館図書館"[:6] + "…書館図書館"]
    assert split_letters("क्षेत्र é👩\u200d🔧") == ["क्षे", "त्र", " ", "é", "👩\u200d🔧"]


@given(names)
def test_labels_fit_and_differ_if_the_names_differ(names):
    labels = shorten_names(names, ROOM)
    assert all(sum(map(letter_width, split_letters(label))) <= ROOM for label in labels)
    assert len(set(labels)) >= len(set(names))
