import resource
import sys

import pytest
from django.core.files.storage import default_storage

from messaging.attachments import preparing
from messaging.attachments.files import name_of
from messaging.attachments.models import Attachment, State
from messaging.attachments.preparing import prepare_waiting_photos
from messaging.attachments.tasks import prepare_photos
from tests.support.photos import PHOTOS, PLANTED
from tests.support.staged_photos import make_report, small_jpeg, stage, stored_files

pytestmark = pytest.mark.django_db


def test_waiting_photos_become_ready_or_refused():
    good, bad = stage("key", PHOTOS["jpeg with position"].make()), stage("key", b"no photo " + PLANTED)
    prepare_photos()
    for photo in (good, bad):
        photo.refresh_from_db()
    assert (good.state, good.width, good.height) == (State.READY, 120, 80)
    assert (bad.state, "not a photo" in bad.reason) == (State.REFUSED, True)
    files = stored_files()
    assert files.keys() == {f"photos/{good.pk}-large.jpg", f"photos/{good.pk}-small.jpg"}
    assert not [name for name, content in files.items() if PLANTED in content]


@pytest.mark.parametrize(
    "program",
    ["import time; time.sleep(60)", "import os; os.kill(os.getpid(), 11)", "x = bytearray(8 * 1024**3)"],
    ids=["hangs", "crashes", "needs too much memory"],
)
def test_photo_that_breaks_the_decoder_blocks_no_other(monkeypatch, program):
    bad, good = stage("bad"), stage("good", small_jpeg(40))
    original = preparing.PROGRAM

    def choose(source, folder):
        monkeypatch.setattr(preparing, "PROGRAM", original)
        if source.read_bytes() == small_jpeg():
            monkeypatch.setattr(preparing, "PROGRAM", (sys.executable, "-c", program))
            monkeypatch.setattr(preparing, "DECODE_SECONDS", 2)
        else:
            monkeypatch.setattr(preparing, "DECODE_SECONDS", 60)
        return decode(source, folder)

    decode = preparing.decode
    monkeypatch.setattr(preparing, "decode", choose)
    prepare_waiting_photos()
    for photo in (good, bad):
        photo.refresh_from_db()
    assert good.state == State.READY
    assert (bad.state, bad.reason, bad.attempts) == (State.REFUSED, "The photo could not be read.", 3)


def test_lost_original_is_a_refusal():
    photo = stage("key")
    default_storage.delete(name_of(photo.pk, "original"))
    prepare_waiting_photos()
    photo.refresh_from_db()
    assert "send the photo again" in photo.reason


def test_decoder_runs_behind_pages_and_without_secrets(tmp_path, monkeypatch):
    program = "import os, json; print(json.dumps({'refused': f'{os.nice(0)} {sorted(os.environ)}'}))"
    monkeypatch.setattr(preparing, "PROGRAM", (sys.executable, "-c", program))
    with pytest.raises(preparing.Unusable) as refusal:
        preparing.decode(tmp_path / "source", tmp_path)
    niceness, _, names = str(refusal.value).partition(" ")
    assert int(niceness) >= 10
    assert "SECRET_KEY" not in names
    assert "DATABASE_URL" not in names
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY  # only the decoder's own


@pytest.mark.django_db(transaction=True)
def test_photo_removed_while_it_is_prepared_leaves_no_file(monkeypatch):
    photo = make_report().photos.get()
    store = preparing.store

    def remove_meanwhile(name, content):
        Attachment.objects.filter(pk=photo.pk).update(state=State.REMOVED, sha256="")
        store(name, content)

    monkeypatch.setattr(preparing, "store", remove_meanwhile)
    prepare_waiting_photos()
    photo.refresh_from_db()
    assert photo.state == State.REMOVED
    assert stored_files() == {}


def test_storage_that_fails_for_one_photo_does_not_hold_up_the_others(monkeypatch):
    unreadable, good = stage("unreadable"), stage("good", small_jpeg(40))
    fetch = preparing.fetch_original

    def fail_for_one(photo, folder):
        if photo.pk == unreadable.pk:
            raise PermissionError("not ours")
        return fetch(photo, folder)

    monkeypatch.setattr(preparing, "fetch_original", fail_for_one)
    assert [prepare_waiting_photos() for _ in range(2)] == [0, 1]
    good.refresh_from_db()
    assert good.state == State.READY
    monkeypatch.undo()
    prepare_waiting_photos()
    unreadable.refresh_from_db()
    assert unreadable.state == State.READY
