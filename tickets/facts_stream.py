"""Output formats of facts: an Arrow stream or CSV from batches, with one batch in memory at a time."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow import csv

from tickets.facts import MOMENTS

DICTIONARY_INDEX_TYPES = dict.fromkeys(("category", "status", "solved"), pa.int8()) | {"building": pa.int32()}


class OutputBuffer:
    """The bytes that a writer has written and that have not been sent yet."""

    closed = False

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes | memoryview) -> int:
        self.parts.append(bytes(data))
        return len(self.parts[-1])

    def take(self) -> bytes:
        data, self.parts = b"".join(self.parts), []
        return data

    def flush(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def make_schema(fields: Sequence[str]) -> pa.Schema:
    """Repeated texts are indices into a dictionary."""
    types = dict.fromkeys(MOMENTS, pa.timestamp("us", "UTC")) | {"id": pa.int64()}
    types |= {
        name: pa.dictionary(index_type, pa.string()) for name, index_type in DICTIONARY_INDEX_TYPES.items()
    }
    return pa.schema([(name, types[name]) for name in fields])


def write_arrow(batches: Iterator[pa.RecordBatch], fields: Sequence[str]) -> Iterator[bytes]:
    """The batches as an Arrow IPC stream; each batch has its own dictionaries."""
    schema = make_schema(fields)
    buffer = OutputBuffer()
    with pa.ipc.new_stream(pa.PythonFile(buffer, mode="w"), schema) as writer:
        yield buffer.take()
        for batch in batches:
            columns = [encode_column(*column) for column in zip(fields, batch.columns, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            yield buffer.take()
    yield buffer.take()


def encode_column(name: str, column: pa.Array) -> pa.Array:
    if name not in DICTIONARY_INDEX_TYPES:
        return column
    encoded = column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(
        encoded.indices.cast(DICTIONARY_INDEX_TYPES[name]), encoded.dictionary
    )


def write_csv(batches: Iterator[pa.RecordBatch], fields: Sequence[str]) -> Iterator[bytes]:
    yield (",".join(fields) + "\n").encode()
    buffer = OutputBuffer()
    for batch in batches:
        csv.write_csv(batch, pa.PythonFile(buffer, mode="w"), csv.WriteOptions(include_header=False))
        yield buffer.take()
