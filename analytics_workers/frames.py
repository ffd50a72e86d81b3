"""Facts as typed columns and as a DataFrame: the only module that knows their fields and types.

A frame has one row per ticket and the columns `id`, `category`, `status`, `solved` (pandas categories, in the
order below; `solved` is what the reporter says, "" if nothing), `building` (pandas categories, "" if none was
given), `opened_at`, `activated_at`, `first_answered_at`, `closed_at` (datetime64[us, UTC]).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from common.categories import CATEGORIES

STATUSES = ("open", "active", "closed")
UNRESOLVED_STATUSES = ("open", "active")

CODED_FIELDS = {"category": tuple(CATEGORIES), "status": STATUSES, "solved": ("", "yes", "no")}
MOMENTS = ("opened_at", "activated_at", "first_answered_at", "closed_at")
FIELDS = ("id", *CODED_FIELDS, "building", *MOMENTS)
MOMENT = "datetime64[us]"
DTYPES = {"id": "int64", **dict.fromkeys(CODED_FIELDS, "int8"), "building": "int32"}
DTYPES |= dict.fromkeys(MOMENTS, MOMENT)


class FactsUnreadable(ValueError):
    """The facts are not what was agreed; the message can be shown."""


@dataclass(frozen=True)
class Facts:
    """All facts of one snapshot, and its time."""

    frame: pd.DataFrame
    as_of: datetime


@dataclass(frozen=True)
class FactColumns:
    """Facts as numpy arrays of DTYPES, one element per ticket, in order of ids.

    Coded fields are indices into CODED_FIELDS, buildings into `buildings`. Timestamps are in UTC, NaT if
    there is none.
    """

    arrays: dict[str, np.ndarray]
    buildings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.arrays["id"])


def read_columns(stream: IO[bytes], count: int, report_rows: Callable[[int], None]) -> FactColumns:
    """The columns of an Arrow stream of `count` tickets; reports how many have arrived. Raises
    FactsUnreadable."""
    batches, rows = [], 0
    try:
        with pa.ipc.open_stream(stream) as reader:
            for batch in reader:
                batches.append(batch)
                report_rows(rows := rows + batch.num_rows)
            table = pa.Table.from_batches(batches, reader.schema)
        is_whole = rows == count and not stream.read(1)
        columns = sort_columns(decode_columns(table))
    except MemoryError:
        raise  # Arrow's own MemoryError is also an ArrowException
    except (pa.ArrowException, KeyError, OSError) as error:
        raise FactsUnreadable(f"The facts have an unknown format ({type(error).__name__}).") from None
    if not is_whole:
        raise FactsUnreadable("The facts were cut off in transit.")
    check_columns(columns)
    return columns


def decode_columns(table: pa.Table) -> FactColumns:
    coded = {name: decode_codes(table[name], name, known) for name, known in CODED_FIELDS.items()}
    building_codes, buildings = decode_dictionary(table["building"])
    moments = {name: decode_moments(table[name]) for name in MOMENTS}
    ids = {"id": fill(table["id"].cast(pa.int64()), -1)}
    return FactColumns(ids | coded | {"building": building_codes} | moments, tuple(buildings))


def decode_codes(column: pa.ChunkedArray, name: str, known: tuple[str, ...]) -> np.ndarray:
    codes, values = decode_dictionary(column)
    if not set(values) <= set(known):
        raise FactsUnreadable(f"The facts have an unknown {name}.")
    return np.array([known.index(value) for value in values], "int8")[codes]


def decode_dictionary(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Each text's index among the distinct ones, and these; null is the empty text."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    column = column.unify_dictionaries()
    values = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    if "" not in values:
        values.append("")
    parts = [fill(chunk.indices.cast(pa.int32()), values.index("")) for chunk in column.chunks]
    codes = np.concatenate([np.array([], "int32"), *parts])
    is_used = np.bincount(codes, minlength=len(values)) > 0
    renumbered = np.cumsum(is_used, dtype="int32") - np.int32(1)
    return renumbered[codes], [values[code] for code in np.flatnonzero(is_used)]


def decode_moments(column: pa.ChunkedArray) -> np.ndarray:
    micros = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return fill(micros, np.iinfo("int64").min).view(MOMENT)


def fill(column: pa.ChunkedArray | pa.Array, nothing: int) -> np.ndarray:
    return pc.fill_null(column, nothing).to_numpy()


def sort_columns(columns: FactColumns) -> FactColumns:
    ids = columns.arrays["id"]
    if (ids[1:] > ids[:-1]).all():
        return columns
    order = np.argsort(ids, kind="stable")
    return FactColumns({name: array[order] for name, array in columns.arrays.items()}, columns.buildings)


def merge_columns(old: FactColumns, changed: FactColumns) -> FactColumns:
    """The old facts with changed ones replaced and new ones added."""
    if not len(changed):
        return old
    ids, changed_ids = old.arrays["id"], changed.arrays["id"]
    positions = np.searchsorted(ids, changed_ids)
    is_known = np.isin(changed_ids, ids[positions[positions < len(ids)]])
    codes = {name: code for code, name in enumerate(dict.fromkeys([*old.buildings, *changed.buildings]))}
    renumbered = np.array([codes[name] for name in changed.buildings], "int32")
    recoded = changed.arrays | {"building": renumbered[changed.arrays["building"]]}
    arrays = {name: np.concatenate([array, recoded[name][~is_known]]) for name, array in old.arrays.items()}
    for name, array in arrays.items():
        array[positions[is_known]] = recoded[name][is_known]
    return sort_columns(FactColumns(arrays, tuple(codes)))


def check_columns(columns: FactColumns) -> None:
    """Refuses facts that break rules on which every measure relies. Raises FactsUnreadable."""
    ids, opened, closed = (columns.arrays[name] for name in ("id", "opened_at", "closed_at"))
    if (ids < 0).any() or np.isnat(opened).any() or not (ids[1:] > ids[:-1]).all():
        raise FactsUnreadable("The facts contain a ticket without id or opening time, or a ticket twice.")
    is_closed = columns.arrays["status"] == STATUSES.index("closed")
    if (is_closed == np.isnat(closed)).any():
        raise FactsUnreadable("The facts contain a closed ticket without closing time, or the reverse.")
    check_order(columns)


def check_order(columns: FactColumns) -> None:
    """Nothing happens to a ticket before it is opened; a ticket is activated before it is closed."""
    opened, activated, answered, closed = (columns.arrays[name] for name in MOMENTS)
    if any((later < opened).any() for later in (activated, answered, closed)):
        raise FactsUnreadable("The facts contain a ticket to which something happened before it was opened.")
    is_open = columns.arrays["status"] == STATUSES.index("open")
    if (is_open != np.isnat(activated)).any():
        raise FactsUnreadable("The facts contain an active ticket without activation time, or the reverse.")
    if (closed < activated).any():
        raise FactsUnreadable("The facts contain a ticket that was closed before it was activated.")


def make_frame(columns: FactColumns) -> pd.DataFrame:
    arrays = columns.arrays
    frame: dict[str, object] = {"id": arrays["id"]}
    for name, values in {**CODED_FIELDS, "building": columns.buildings}.items():
        frame[name] = pd.Categorical.from_codes(arrays[name], categories=pd.Index(values, dtype="str"))
    frame |= {name: pd.Series(arrays[name], copy=False).dt.tz_localize("UTC") for name in MOMENTS}
    return pd.DataFrame(frame, copy=False)


def read_moment(text: str) -> datetime:
    """An ISO 8601 time with its offset, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FactsUnreadable("The time of the facts is unreadable.") from None
    if moment.tzinfo is None:
        raise FactsUnreadable("The time of the facts has no offset.")
    return moment.astimezone(UTC)
