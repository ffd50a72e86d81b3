"""Which processes decode photos."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
DECODERS = ("PIL", "pillow_heif")
WEB = f"""
import sys
import campus_helpdesk.wsgi
import messaging.attachments.tasks
print([name for name in {DECODERS!r} if name in sys.modules])
"""


def test_web_process_and_worker_import_no_decoder():
    """Photos are decoded by a program of its own, which the worker starts."""
    run = subprocess.run([sys.executable, "-c", WEB], cwd=ROOT, capture_output=True, text=True)
    assert (run.stdout.strip(), run.returncode) == ("[]", 0), run.stderr


def test_only_the_program_names_a_decoder():
    importers = [
        path.relative_to(ROOT).as_posix()
        for package in ("messaging", "tickets", "campus_helpdesk", "common", "django_common")
        for path in (ROOT / package).rglob("*.py")
        if any(f"{word} {name}" in path.read_text() for word in ("import", "from") for name in DECODERS)
    ]
    assert importers == ["messaging/attachments/rewrite.py"]


def test_web_lock_has_no_decoder():
    for lock, has_decoder in {"web": False, "photos": True}.items():
        text = (ROOT / f"requirements/{lock}.txt").read_text()
        assert ("\npillow==" in f"\n{text}") is has_decoder
