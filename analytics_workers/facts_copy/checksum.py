"""Count and checksum of the facts, as the helpdesk computes them in its database (`X-Checksum`)."""

import hashlib

import numpy as np

from analytics_workers.frames import CODED_FIELDS, MOMENTS, FactColumns
from analytics_workers.measuring.moments import exact_sum

MODULUS = 2**31 - 1


def sum_columns(columns: FactColumns) -> str:
    """`<count>-<sum>`: the sum over all tickets of id x (timestamps, weighted 1 to 4, + a hash of the coded
    fields and the building),
    each factor modulo 2^31 - 1. Timestamps are microseconds since 1970, 0 if there is none."""
    total = hash_coded_fields(columns)
    for weight, name in enumerate(MOMENTS, start=1):
        moments = columns.arrays[name]
        micros = np.where(np.isnat(moments), 0, moments.view("int64"))
        total += weight * np.fmod(micros, MODULUS)
    rows = np.fmod(columns.arrays["id"], MODULUS) * np.fmod(total, MODULUS)
    return f"{len(columns)}-{exact_sum(rows)}"


def hash_coded_fields(columns: FactColumns) -> np.ndarray:
    """For each ticket 28 bits of the MD5 of "category|status|solved|building"."""
    values = [*CODED_FIELDS.values(), columns.buildings]
    names = [*CODED_FIELDS, "building"]
    sizes = [len(known) for known in values]
    combined = np.ravel_multi_index(
        [columns.arrays[name] for name in names], [max(size, 1) for size in sizes]
    )
    used, inverse = np.unique(combined, return_inverse=True)
    texts = [
        "|".join(known[code] for known, code in zip(values, combination, strict=True))
        for combination in zip(*np.unravel_index(used, [max(size, 1) for size in sizes]), strict=True)
    ]
    return np.array([hash_text(text) for text in texts], "int64")[inverse]


def hash_text(text: str) -> int:
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:7], 16)
