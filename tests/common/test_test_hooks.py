"""The hooks at which fault tests stop a process do nothing otherwise. That they stop: tests/chaos/."""

import os
import subprocess
import sys
from pathlib import Path

from common import test_hooks

ROOT = Path(__file__).parents[2]


def test_hooks_are_off_by_default():
    assert test_hooks.FOLDER is None
    test_hooks.wait_at("before_store")


def test_hooks_need_faults_1_besides_a_folder(tmp_path):
    (tmp_path / "before_store").touch()
    program = "from common.test_hooks import wait_at; wait_at('before_store')"
    environment = {"PATH": os.defpath, "FAULTS_FOLDER": str(tmp_path), "FAULTS": "0"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, check=True, timeout=60)
    assert [path.name for path in tmp_path.iterdir()] == ["before_store"]
