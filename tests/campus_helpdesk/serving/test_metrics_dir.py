import os
import subprocess

from campus_helpdesk.serving.metrics_dir import PREFIX, make_metrics_dir


def test_only_directories_of_killed_processes_are_removed():
    folder = make_metrics_dir()
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    left = folder.with_name(f"{PREFIX}{dead}-left")
    left.mkdir()
    another = make_metrics_dir()
    try:
        assert folder.exists()
        assert not left.exists()
        assert another.stat().st_mode & 0o777 == 0o700
        assert another.stat().st_uid == os.getuid()
    finally:
        folder.rmdir()
        another.rmdir()
