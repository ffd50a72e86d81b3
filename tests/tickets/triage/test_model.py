import gzip
import hashlib
import json

import pytest

from tickets.triage import ModelDamaged, load_model, load_shipped_model
from tickets.triage.model import FORMAT, SHIPPED, pack_table

RAW = SHIPPED.read_bytes()


def test_shipped_model_is_small_enough_to_commit():
    assert len(RAW) <= 1024 * 1024


def test_shipped_model_is_read_once():
    assert load_shipped_model() is load_shipped_model()


def test_load_model_gives_equal_bytes_an_equal_version():
    assert load_model(RAW).version == load_shipped_model().version


def repack(change) -> bytes:
    head, _, body = gzip.decompress(RAW).partition(b"\n")
    return gzip.compress(b"\n".join(change(head, body)))


def with_payload(payload: bytes) -> bytes:
    header = {"format": FORMAT, "sha256": hashlib.sha256(payload).hexdigest()}
    return gzip.compress(json.dumps(header).encode() + b"\n" + payload)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no gzip at all",
        RAW[: len(RAW) // 2],
        RAW[:5000] + bytes([RAW[5000] ^ 1]) + RAW[5001:],
        repack(lambda head, body: (head, body.replace(b'"temperature":', b'"temperature":1', 1))),
        repack(lambda head, body: (head.replace(b'"format": 2', b'"format": 3'), body)),
        repack(lambda head, body: (b"[]", body)),
        with_payload(b"{}"),
        with_payload(b"[1, 2]"),
        with_payload(b"nothing"),
    ],
)
def test_load_model_refuses_damage(damaged):
    with pytest.raises(ModelDamaged):
        load_model(damaged)


def test_pack_table_orders_names_so_that_equal_tables_are_equal_bytes():
    assert pack_table(0.5, {"b": (1, 2, 3), "a": (-1, 0, 1)}) == pack_table(
        0.5, {"a": (-1, 0, 1), "b": (1, 2, 3)}
    )
