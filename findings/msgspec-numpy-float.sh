#!/usr/bin/env bash
# msgspec does not encode numpy's float64, although it is a subclass of Python's float.
#
# A mean or a quantile of a frame is a numpy.float64: isinstance(value, float) is true, and the standard library's
# json encodes it. msgspec checks the exact type and raises TypeError. It calls enc_hook for such values, which can
# convert them to Python's float.
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
