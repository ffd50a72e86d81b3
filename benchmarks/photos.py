"""Photos: what uploads cost the web process, what decoding costs everybody else, and a backup under writers.

`make photos`. UPLOADS=50 makes it shorter. Exits with an error if a figure misses its goal.
"""

import logging
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts
from benchmarks.clients import HelpdeskClient
from benchmarks.environment import manage, own_database, read_memory, web_process

TICKETS = 20_000
UPLOADS = int(os.environ.get("UPLOADS", "200"))
AT_ONCE, ROUNDS, STORED, READY, WRITERS = 10, 3, 500, 40, 4
MAX_GROWTH_MB, MAX_RATIO = 10, 1.3
LIST = "/tickets/"
PREPARE = """
import sys, django; django.setup()
from messaging.attachments.tasks import prepare_photos
from messaging.attachments.models import Attachment
photos = Attachment.objects
while photos.filter(state="waiting").exists() and photos.filter(state="ready").count() < int(sys.argv[1]):
    prepare_photos()
"""
Figure = tuple[str, str, str, bool]


class PhotoClient(HelpdeskClient):
    def upload(self, photo: bytes, key: str = "") -> str:
        """A photo that no other upload has. Returns its key."""
        key = key or uuid4().hex
        head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        body = head + photo + uuid4().bytes + b"\r\n--b--\r\n"
        assert self.send_as("/api/v1/attachments/", body, "multipart/form-data; boundary=b", key) == 201
        return key

    def report(self, key: str) -> None:
        body = b'{"description": "The lift is stuck"}'
        assert self.send_as("/api/v1/tickets/", body, "application/json", key) == 201

    def send_as(self, path: str, body: bytes, kind: str, key: str) -> int:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"X-CSRFToken": self.cookies["csrftoken"], "Content-Type": kind, "Idempotency-Key": key}
        self.web.close()
        return self.send("POST", path, body, headers)

    def get_list(self) -> float:
        """Milliseconds."""
        began = time.perf_counter()
        assert self.request("GET", LIST) == 200
        return (time.perf_counter() - began) * 1000


def make_photo() -> bytes:
    """12 megapixels, as large as a phone's."""
    from PIL import Image

    from tests.support.photos import encode

    noise = Image.effect_noise((1000, 750), 60).convert("RGB").resize((4000, 3000))
    return encode(noise, "JPEG", quality=93)


def main() -> None:
    os.environ |= {"RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"}
    logging.disable(logging.INFO)
    photo = make_photo()
    print(f"One photo: {len(photo) / 1e6:.1f} MB, {UPLOADS} uploads, {TICKETS:,} tickets", flush=True)
    are_met = []
    with own_database(TICKETS) as database, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATABASE_URL": database, "FILES_URL": (Path(folder) / "files").as_uri()}
        for measure in (measure_memory, measure_list, measure_backup):
            for name, value, goal, is_met in measure(database, photo):
                print(f"{name:<66}{value:>14}   {goal:<10}{'met' if is_met else 'NOT MET'}", flush=True)
                are_met.append(is_met)
    sys.exit(not all(are_met))


def enter(url: str) -> PhotoClient:
    client = PhotoClient(url)
    client.enter("user")
    return client


def measure_memory(database: str, photo: bytes) -> Iterator[Figure]:
    one_process = ("--workers", "1", "campus_helpdesk.wsgi")
    with web_process(database, *one_process) as (url, find_worker):
        client = enter(url)
        for _ in range(10):  # what a process keeps once is there
            client.upload(photo)
        before = read_memory(find_worker(), "RssAnon")
        peaks = [client.upload(photo) and read_memory(find_worker(), "RssAnon") for _ in range(UPLOADS)]
        after = read_memory(find_worker(), "RssAnon")
    growth = after - before
    yield (
        f"web process, {before:.0f} MB, grows by",
        f"{growth:.1f} MB",
        f"<= {MAX_GROWTH_MB} MB",
        growth <= MAX_GROWTH_MB,
    )
    yield "its highest after an upload, above the begin", f"{max(peaks) - before:.1f} MB", "", True


def measure_list(database: str, photo: bytes) -> Iterator[Figure]:
    with web_process(database, "campus_helpdesk.wsgi") as (url, _):
        client = enter(url)
        discard_waiting(database)
        for _ in range(50):
            client.get_list()
        quiet, busy, seconds = [], [], []
        for _ in range(ROUNDS):
            for _ in range(AT_ONCE):
                client.upload(photo)
            quiet += get_lists(client, until=time.monotonic() + 10)
            began = time.monotonic()
            worker = subprocess.Popen([sys.executable, "-c", PREPARE, "1000000"])
            busy += get_lists(client, while_running=worker)
            seconds.append(time.monotonic() - began)
            assert worker.returncode == 0
    before, during = find_p95(quiet), find_p95(busy)
    yield f"list's p95 before, {len(quiet)} requests", f"{before:.1f} ms", "", True
    yield f"list's p95 while {AT_ONCE} are decoded, {len(busy)} requests", f"{during:.1f} ms", "", True
    yield "ratio", f"{during / before:.2f}", f"<= {MAX_RATIO}", during / before <= MAX_RATIO
    yield f"{AT_ONCE} photos are ready after", f"{statistics.median(seconds):.1f} s", "", True


def discard_waiting(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE attachments_attachment SET state = 'removed', sha256 = ''")


def get_lists(
    client: PhotoClient, until: float = 0, while_running: subprocess.Popen | None = None
) -> list[float]:
    found = []
    while while_running.poll() is None if while_running else time.monotonic() < until:
        found.append(client.get_list())
        time.sleep(0.02)
    return found


def find_p95(durations: list[float]) -> float:
    return statistics.quantiles(durations, n=20)[-1]


def measure_backup(database: str, photo: bytes) -> Iterator[Figure]:
    """Writers report with photos meanwhile; some are prepared, some still wait."""
    from tests.support.photos import encode, picture

    with web_process(database, "campus_helpdesk.wsgi") as (url, _), tempfile.TemporaryDirectory() as folder:
        client = enter(url)
        for number in range(STORED // 5):
            key = uuid4().hex
            for _ in range(5):
                client.upload(encode(picture(size=(40 + number, 30)), "JPEG"), key)
            client.report(key)
        subprocess.run([sys.executable, "-c", PREPARE, str(READY)], check=True)
        backup = Path(folder) / "backup"
        with writing(url, encode(picture(), "JPEG")) as count_written:
            before = count_written()
            began = time.monotonic()
            manage(database, "backup", str(backup))
            seconds = time.monotonic() - began
            written = count_written() - before
        yield f"backup of {STORED} photos, {WRITERS} writers", f"{seconds:.1f} s", "", True
        yield "reports with a photo during it", str(written), "> 0", written > 0
        yield from compare_restored(database, backup, Path(folder))


@contextmanager
def writing(url: str, photo: bytes) -> Iterator[Callable[[], int]]:
    stop, written = threading.Event(), []

    def write() -> None:
        client = enter(url)
        while not stop.is_set():
            client.report(client.upload(photo))
            written.append(1)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: len(written)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def compare_restored(database: str, backup: Path, folder: Path) -> Iterator[Figure]:
    name = "benchmark_restored"
    elsewhere = database.rpartition("/")[0] + f"/{name}"
    files = os.environ["FILES_URL"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            os.environ["FILES_URL"] = (folder / "restored").as_uri()
            manage(elsewhere, "restore", str(backup))
            rows = read_rows(elsewhere)
            stored = {path.name for path in (folder / "restored").rglob("*") if path.is_file()}
            named = {name for row in rows for name in names_of(row)}
            original = {path.name: path for path in Path(files.removeprefix("file://")).rglob("*")}
            different = find_different(folder / "restored", original)
            command = [sys.executable, "manage.py", "check_invariants"]
            environment = os.environ | {"DATABASE_URL": elsewhere}
            check = subprocess.run(command, env=environment, capture_output=True, text=True)
        finally:
            os.environ["FILES_URL"] = files
            connection.execute(f"DROP DATABASE {name}")
    ready = sum(row[1] == "ready" for row in rows)
    is_complete = len(rows) >= STORED and ready >= READY
    yield "photos restored elsewhere, of them ready", f"{len(rows)}, {ready}", f">= {STORED}", is_complete
    yield "files that a row names and are missing", str(len(named - stored)), "0", named <= stored
    yield "files that differ", str(len(different)), "0", not different
    # The other rules do not hold for tickets that one statement made.
    rules = [line for line in check.stdout.splitlines() if "photos" in line]
    fine = [line for line in rules if line.endswith(" 0")]
    yield "integrity rules of photos, of them fine", f"{len(rules)}, {len(fine)}", "2, 2", len(fine) == 2


def find_different(folder: Path, original: dict[str, Path]) -> list[str]:
    """Restored files that are not as they are where they came from, if they are still there."""
    restored = [path for path in folder.rglob("*") if path.is_file() and path.name in original]
    return [path.name for path in restored if path.read_bytes() != original[path.name].read_bytes()]


def read_rows(database: str) -> list[tuple[str, str, bool, bool]]:
    statement = "SELECT id::text, state, has_original, has_sizes FROM attachments_attachment"
    with psycopg.connect(database) as connection:
        return connection.execute(
            statement + " WHERE state <> 'uploading' AND ticket_id IS NOT NULL"
        ).fetchall()


def names_of(row: tuple[str, str, bool, bool]) -> set[str]:
    pk, _, has_original, has_sizes = row
    kinds = (["original"] if has_original else []) + (["large.jpg", "small.jpg"] if has_sizes else [])
    return {f"{pk}-{kind}" for kind in kinds}


if __name__ == "__main__":
    main()
