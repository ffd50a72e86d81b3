"""What a site's names of buildings say about each other: by "Great Hall A1", A1 is the Great Hall."""

from collections.abc import Sequence
from functools import lru_cache

from tickets.duplicates.place_names import PlaceName, compare_building_names, read_place_name
from tickets.duplicates.terms import EMPTY


class Directory:
    """Compares buildings with the help of the names of all."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names
        self.by_code: dict[str, PlaceName] = {}
        self.codes_of: dict[str, set[str]] = {}
        for name in map(read_place_name, names):
            for code in name.codes:
                self.by_code[code] = join(self.by_code.get(code, PlaceName()), name)
                for word in name.own:
                    self.codes_of.setdefault(word, set()).add(code)

    @lru_cache(maxsize=4096)  # noqa: B019  # directories are few, see get_directory
    def read(self, name: str) -> PlaceName:
        """The name, with all that other names say about its code or its own words."""
        read = read_place_name(name)
        for code in read.codes.union(*(self.codes_of.get(word, EMPTY) for word in read.own)):
            read = join(read, self.by_code.get(code, PlaceName()))
        return read

    @lru_cache(maxsize=65536)  # noqa: B019
    def compare(self, left: str, right: str) -> int:
        """As `compare_building_names`; 0 also if one is missing."""
        return compare_building_names(self.read(left), self.read(right)) if left and right else 0


@lru_cache(maxsize=4)
def get_directory(names: tuple[str, ...]) -> Directory:
    return Directory(names)


def join(name: PlaceName, other: PlaceName) -> PlaceName:
    return PlaceName(
        kinds=name.kinds or other.kinds,
        own=name.own | other.own,
        marks=name.marks,
        codes=name.codes | other.codes,
        numbers=name.numbers,
        grams=name.grams | other.grams,
        initials=name.initials or other.initials,
    )
