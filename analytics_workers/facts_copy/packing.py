"""Columns as an Arrow file and back, without copying memory."""

import json
from typing import IO, Any

import numpy as np
import pyarrow as pa

from analytics_workers.frames import DTYPES, FactColumns


def pack_columns(columns: FactColumns, metadata: dict[str, Any], file: IO[bytes]) -> None:
    """Timestamps are written as integers, so that they can be read without copying."""
    arrays = [pa.array(as_numbers(columns.arrays[name])) for name in DTYPES]
    notes = {"metadata": json.dumps(metadata), "buildings": json.dumps(columns.buildings)}
    batch = pa.RecordBatch.from_arrays(arrays, list(DTYPES)).replace_schema_metadata(notes)
    with pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def unpack_columns(content: pa.Buffer) -> tuple[FactColumns, dict[str, Any]]:
    """The columns, and the metadata stored with them."""
    with pa.ipc.open_file(pa.BufferReader(content)) as reader:
        batch, notes = reader.get_batch(0), reader.schema.metadata
    arrays = {name: batch[name].to_numpy().view(dtype) for name, dtype in DTYPES.items()}
    return FactColumns(arrays, tuple(json.loads(notes[b"buildings"]))), json.loads(notes[b"metadata"])


def as_numbers(array: np.ndarray) -> np.ndarray:
    return array.view("int64") if array.dtype.kind == "M" else array
