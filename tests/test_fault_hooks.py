"""The places where fault tests stop a process: nothing to anybody else. That they hold: tests/faults/."""

import os
import subprocess
import sys

import pytest

import analytics_gateway.fault_hooks
import analytics_workers.fault_hooks
from tests.workers import ROOT

SIDES = ["analytics_gateway", "analytics_workers"]


@pytest.mark.parametrize("module", [analytics_gateway.fault_hooks, analytics_workers.fault_hooks])
def test_hooks_are_off_in_every_ordinary_process(module):
    assert module.FOLDER is None
    module.wait_at("before_store")


@pytest.mark.parametrize("side", SIDES)
def test_hooks_need_faults_to_be_1_and_not_only_a_folder(side, tmp_path):
    (tmp_path / "before_store").touch()
    program = f"from {side}.fault_hooks import wait_at; wait_at('before_store')"
    environment = {"PATH": os.defpath, "FAULTS_FOLDER": str(tmp_path), "FAULTS": "0"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, check=True, timeout=60)
    assert [path.name for path in tmp_path.iterdir()] == ["before_store"]
