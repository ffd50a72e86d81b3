"""Facts to a typed DataFrame: the only place that knows the facts' field names and their types.

A frame has one row a ticket and the columns `id`, `category`, `status` (pandas categories, in the order
below), `building` (pandas categories, "" where none was given), `opened_at`, `activated_at`,
`first_answered_at`, `closed_at` (datetime64[us, UTC]).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

CATEGORIES = {
    "facility": "Facility management",
    "it": "Technical IT",
    "services": "Services complaints",
}
STATUSES = ("open", "active", "closed")
UNRESOLVED_STATUSES = ("open", "active")

MOMENT = pa.timestamp("us", tz="UTC")
TYPES = {
    "id": pa.int64(),
    "category": pa.string(),
    "status": pa.string(),
    "building": pa.string(),
    "opened_at": MOMENT,
    "activated_at": MOMENT,
    "first_answered_at": MOMENT,
    "closed_at": MOMENT,
}
FIELDS = tuple(TYPES)
# A stream that ends without this mark was cut off on its way.
END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class FactsUnreadable(ValueError):
    """The facts are not what the contract promises; the message can be shown."""


@dataclass(frozen=True)
class Facts:
    """All facts of one snapshot, and its moment."""

    frame: pd.DataFrame
    as_of: datetime


def read_facts(stream: bytes, *, as_of: str) -> Facts:
    """Raises FactsUnreadable."""
    return Facts(read_frame(stream), read_moment(as_of))


def read_frame(stream: bytes) -> pd.DataFrame:
    if not stream.endswith(END_OF_STREAM):
        raise FactsUnreadable("The facts were cut off on their way.")
    try:
        with pa.ipc.open_stream(stream) as reader:
            table = reader.read_all()
        columns = {name: table.column(name).cast(kind) for name, kind in TYPES.items()}
    except (pa.ArrowException, KeyError, OSError) as error:
        raise FactsUnreadable(f"The facts have an unknown form ({type(error).__name__}).") from None
    return check_frame(make_frame(columns))


def make_frame(columns: dict[str, pa.ChunkedArray]) -> pd.DataFrame:
    frame = pd.DataFrame({name: column.to_pandas() for name, column in columns.items()})
    frame["category"] = as_kind(frame["category"], tuple(CATEGORIES))
    frame["status"] = as_kind(frame["status"], STATUSES)
    frame["building"] = frame["building"].fillna("").astype("category")
    return frame


def as_kind(values: pd.Series, known: tuple[str, ...]) -> pd.Categorical:
    if not values.isin(known).all():
        raise FactsUnreadable(f"The facts have an unknown {values.name}.")
    return pd.Categorical(values, categories=known)


def check_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Refuses facts that break the rules every measure relies on."""
    if frame[["id", "opened_at"]].isna().any(axis=None) or not frame["id"].is_unique:
        raise FactsUnreadable("The facts have a ticket without number or moment, or a ticket twice.")
    is_closed = frame["status"].eq("closed")
    if not is_closed.eq(frame["closed_at"].notna()).all():
        raise FactsUnreadable("The facts have a closed ticket without its moment, or the reverse.")
    check_order(frame)
    return frame


def check_order(frame: pd.DataFrame) -> None:
    """Nothing happens to a ticket before it is opened; a ticket is activated before it is closed."""
    later = frame[["activated_at", "first_answered_at", "closed_at"]]
    if later.lt(frame["opened_at"], axis=0).any(axis=None):
        raise FactsUnreadable("The facts have a ticket to which something happened before it was opened.")
    if not frame["status"].eq("open").eq(frame["activated_at"].isna()).all():
        raise FactsUnreadable("The facts have an active ticket without its moment, or the reverse.")
    if (frame["closed_at"] < frame["activated_at"]).any():
        raise FactsUnreadable("The facts have a ticket that was closed before it was activated.")


def read_moment(text: str) -> datetime:
    """An ISO 8601 moment with its offset, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FactsUnreadable("The moment of the facts is unreadable.") from None
    if moment.tzinfo is None:
        raise FactsUnreadable("The moment of the facts has no offset.")
    return moment.astimezone(UTC)
