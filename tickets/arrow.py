"""Facts as an Arrow stream: CSV chunks in, record batches out, one block in memory at a time."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow import csv

from tickets.facts import MOMENTS

BLOCK = 1 << 20


class Outbox:
    """What the Arrow writer has written and nobody has taken yet."""

    closed = False

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data) -> int:
        self.parts.append(bytes(data))
        return len(self.parts[-1])

    def take(self) -> bytes:
        data, self.parts = b"".join(self.parts), []
        return data

    def flush(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def make_schema(fields: Sequence[str]) -> pa.Schema:
    kinds = dict.fromkeys(MOMENTS, pa.timestamp("us", "UTC")) | {"id": pa.int64()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in fields])


def gather_blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks joined to blocks of about a MiB. A chunk of COPY ends with its line, so a block does too."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def read_batches(chunks: Iterator[bytes], fields: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Record batches of CSV without a header, moments as microseconds since 1970.

    The blocks are pulled here, in the thread that holds the database connection: Arrow's own streaming
    reader would pull them from a thread of its own.
    """
    numbers = dict.fromkeys((*MOMENTS, "id"), pa.int64())
    types = {name: numbers.get(name, pa.string()) for name in fields}
    for block in gather_blocks(chunks):
        table = csv.read_csv(
            pa.BufferReader(block),
            read_options=csv.ReadOptions(column_names=list(fields), use_threads=False),
            convert_options=csv.ConvertOptions(column_types=types),
        )
        yield from table.cast(make_schema(fields)).to_batches()


def write_arrow(chunks: Iterator[bytes], fields: Sequence[str]) -> Iterator[bytes]:
    """The Arrow IPC stream of CSV chunks."""
    outbox = Outbox()
    with pa.ipc.new_stream(pa.PythonFile(outbox, mode="w"), make_schema(fields)) as writer:
        yield outbox.take()
        for batch in read_batches(chunks, fields):
            writer.write_batch(batch)
            yield outbox.take()
    yield outbox.take()
