from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from django_common.advisory_locks import AdvisoryLock
from messaging.attachments.actions import remove_photo, withdraw
from messaging.attachments.cleaning import clean_up, delete_orphans
from messaging.attachments.models import Attachment, State
from messaging.attachments.tasks import delete_orphaned_files
from tests.support.factories import HELPDESK, USER
from tests.support.staged_photos import make_ready, make_report, stage, stored_files

pytestmark = pytest.mark.django_db(transaction=True)


def age(photo: Attachment, hours: int) -> None:
    Attachment.objects.filter(pk=photo.pk).update(uploaded_at=timezone.now() - timedelta(hours=hours))


def test_original_of_a_ready_photo_is_deleted():
    photo = make_ready(make_report().photos.get())
    assert len(stored_files()) == 3
    assert clean_up() == 1
    assert sorted(stored_files()) == [f"photos/{photo.pk}-large.jpg", f"photos/{photo.pk}-small.jpg"]
    assert clean_up() == 0


def test_photos_of_a_form_that_nobody_sent_are_deleted_after_a_day():
    old, new, sent = stage("old"), stage("new"), make_report().photos.get()
    for photo, hours in ((old, 25), (new, 23), (sent, 25)):
        age(photo, hours)
    clean_up()
    assert set(Attachment.objects.all()) == {new, sent}
    assert len(stored_files()) == 2


def test_upload_that_ended_half_way_is_deleted_after_an_hour():
    photo = Attachment.objects.create(session=USER.session, key="key", position=1)
    clean_up()
    assert Attachment.objects.exists()
    age(photo, 2)
    clean_up()
    assert not Attachment.objects.exists()


def test_nothing_is_deleted_during_a_backup():
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AdvisoryLock.PHOTO_FILES])
        photo = make_report().photos.get()
        remove_photo(photo, by=HELPDESK, reason="Shows a face")
        withdraw(stage("key"))
        clean_up()
        delete_orphans()
        assert len(stored_files()) == 2
    other.close()
    clean_up()
    assert stored_files() == {}


def test_files_of_no_photo_are_deleted_at_night():
    photo = make_ready(make_report().photos.get())
    default_storage.save("photos/left-over", ContentFile(b"x"))
    delete_orphaned_files()
    assert len(stored_files()) == 3
    Attachment.objects.filter(pk=photo.pk).update(has_original=False)
    assert delete_orphans() == 1
    assert photo.state == State.READY
