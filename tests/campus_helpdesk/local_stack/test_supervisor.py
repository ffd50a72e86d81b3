import os
import signal
import subprocess
import sys
import time

import pytest

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.process import StartFailed
from campus_helpdesk.local_stack.supervisor import (
    FIRST_PAUSE,
    MAX_LOG_BYTES,
    MAX_PAUSE,
    Stopped,
    Supervisor,
)
from tests.support.processes import is_alive, processes_naming, wait_until
from tests.support.small_programs import SLEEPER, manage_program, start_and_wait

STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1); {SLEEPER}"
ORDERLY = f"""
import os, signal, sys
def end(*_):
    with open(os.environ["FOLDER"] + "/order", "a") as order:
        order.write(sys.argv[1])
    sys.exit()
signal.signal(signal.SIGTERM, end)
{SLEEPER}
"""


@pytest.fixture
def supervisor():
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def test_killed_process_is_restarted_and_reported(folder, supervisor, capsys):
    part = manage_program(folder, SLEEPER, "web")
    start_and_wait(supervisor, part)
    first = part.process.pid
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: supervisor.watch() or (part.process is not None and part.process.pid != first), 5)
    output = capsys.readouterr().out
    assert "web exited with code -9; restarting it in 1 s" in output
    assert "  web | up" in output


def test_pause_doubles_while_a_process_keeps_exiting(folder):
    part = manage_program(folder, "raise SystemExit(3)")
    pauses = []
    for _ in range(7):
        part.start()
        wait_until(lambda: part.ended() is not None)
        pauses.append(part.plan_restart())
    assert pauses == [FIRST_PAUSE, 2, 4, 8, 16, MAX_PAUSE, MAX_PAUSE]


def test_pause_is_reset_after_a_stable_run(folder):
    part = manage_program(folder, SLEEPER)
    part.pause = 16
    part.started_at = time.monotonic() - 61
    assert part.plan_restart() == FIRST_PAUSE


def test_process_that_cannot_be_started_is_tried_again(folder, supervisor, capsys):
    part = manage_program(folder, SLEEPER)
    start_and_wait(supervisor, part)
    part.process.kill()
    wait_until(lambda: supervisor.watch() or part.start_at is not None)
    part.spawn = lambda output: subprocess.Popen(["/nonexistent"])
    part.start_at = time.monotonic()

    supervisor.watch()
    assert "did not start" in capsys.readouterr().out
    assert part.start_at is not None


def test_processes_stop_in_reverse_order(folder, supervisor):
    for name in "abc":
        start_and_wait(supervisor, manage_program(folder, ORDERLY, name))
    supervisor.stop()
    assert (folder / "order").read_text() == "cba"


def test_process_that_does_not_stop_is_killed_with_its_children(folder, supervisor):
    start_and_wait(
        supervisor,
        manage_program(folder, STUBBORN, "stubborn", stop_seconds=0.3),
        manage_program(folder, PARENT, "parent", stop_seconds=0.3),
    )
    supervisor.stop()
    assert not processes_naming(folder)


def test_failed_start_shows_the_end_of_the_log(folder, supervisor):
    part = manage_program(folder, "print('no such thing'); raise SystemExit(2)")
    supervisor.start(part)
    with pytest.raises(StartFailed, match=r"part exited with code 2:\nno such thing"):
        supervisor.wait(lambda: False, 10, part)


def test_command_runs_to_its_end(folder, supervisor):
    supervisor.run(manage_program(folder, "print('done')"), 10)
    with pytest.raises(StartFailed, match="exited with code 1"):
        supervisor.run(manage_program(folder, "raise SystemExit('bad')"), 10)
    with pytest.raises(StartFailed, match="was not done after"):
        supervisor.run(manage_program(folder, SLEEPER), 0.1)


def test_error_of_a_command_is_passed_on(folder, supervisor):
    refusal = "import sys; print('Migrating', flush=True); sys.exit('CommandError: This database is newer.')"
    with pytest.raises(StartFailed, match=r"^This database is newer\.$"):
        supervisor.run(manage_program(folder, refusal), 10)


def test_signal_stops_at_the_next_wait(supervisor):
    supervisor.pause(0)
    supervisor._note_signal(signal.SIGTERM, None)
    with pytest.raises(Stopped):
        supervisor.pause(0)


def test_large_log_is_rotated_while_its_process_continues(folder, supervisor):
    part = manage_program(
        folder, "import time; print('up', flush=True); time.sleep(0.5); print('on', flush=True)"
    )
    part.log.write_bytes(b"." * MAX_LOG_BYTES)
    start_and_wait(supervisor, part)
    supervisor.watch()
    assert part.log.with_suffix(".log.1").stat().st_size == MAX_LOG_BYTES + len("up\n")
    wait_until(lambda: part.log.read_text() == "on\n")


def test_processes_are_killed_with_their_supervisor(folder):
    program = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.support.small_programs import SLEEPER, Supervisor, manage_program, start_and_wait
supervisor = Supervisor()
part = manage_program(Path({str(folder)!r}), SLEEPER)
start_and_wait(supervisor, part)
print(part.process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_alive(pid), 5)
