"""Facts as an Arrow stream: CSV chunks in, record batches out, one block in memory at a time."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow import csv

from tickets.facts import MOMENTS

BLOCK = 1 << 20


class ChunkFile:
    """The chunks as a file to read from."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]):
        self.chunks, self.rest = chunks, bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self.rest) < size:
            chunk = next(self.chunks, None)
            if chunk is None:
                break
            self.rest += chunk
        size = len(self.rest) if size < 0 else size
        part, self.rest = bytes(self.rest[:size]), self.rest[size:]
        return part

    def close(self) -> None:
        self.closed = True


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


def read_batches(chunks: Iterator[bytes], fields: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Record batches of CSV without a header, moments as microseconds since 1970."""
    first = next(chunks, None)
    if first is None:
        return
    plain = {name: pa.int64() for name in (*MOMENTS, "id") if name in fields}
    reader = csv.open_csv(
        pa.PythonFile(ChunkFile(with_first(first, chunks)), mode="r"),
        read_options=csv.ReadOptions(column_names=list(fields), block_size=BLOCK, use_threads=False),
        convert_options=csv.ConvertOptions(
            column_types={name: plain.get(name, pa.string()) for name in fields}, strings_can_be_null=False
        ),
    )
    for batch in reader:
        yield batch.cast(make_schema(fields))


def with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def write_arrow(chunks: Iterator[bytes], fields: Sequence[str]) -> Iterator[bytes]:
    """The Arrow IPC stream of CSV chunks."""
    outbox = Outbox()
    with pa.ipc.new_stream(pa.PythonFile(outbox, mode="w"), make_schema(fields)) as writer:
        yield outbox.take()
        for batch in read_batches(chunks, fields):
            writer.write_batch(batch)
            yield outbox.take()
    yield outbox.take()
