#!/usr/bin/env bash
# msgspec encodes no numpy float, although numpy's float64 is a subclass of Python's float.
#
# A mean or a quantile of a frame is a numpy.float64: isinstance(value, float) holds, and the standard library's json
# writes it. msgspec looks at the exact type and raises TypeError, so that a table which json could write is refused
# by it; enc_hook is called for such values and can turn them into Python's.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgspec==0.23.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import json
from importlib.metadata import version

import msgspec
import numpy as np

mean = np.array([1.5, 2.0]).mean()
print("msgspec", version("msgspec"), "numpy", version("numpy"), "value", type(mean).__name__)
print("a Python float:", isinstance(mean, float))
print("json:          ", json.dumps([mean]))
try:
    print("msgspec:       ", msgspec.json.encode([mean]))
    raise SystemExit("msgspec encodes it now")
except TypeError as error:
    print("msgspec:       ", error)
hooked = msgspec.json.encode([mean], enc_hook=lambda value: value.item())
print("with enc_hook: ", hooked)
assert isinstance(mean, float)
assert json.dumps([mean]) == "[1.75]"
assert hooked == b"[1.75]"
PYTHON
