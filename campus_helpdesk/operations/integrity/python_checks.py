"""Integrity rules that need Python code: (number, name, generator of the ids that violate it)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from analytics_gateway.models import Analysis, ReportRun, ReportSchedule, campus_time_zone
from analytics_gateway.recurrence import slots_after, slots_between
from common.errors import Invalid
from django_common.text_validation import MAX_TEXT_LENGTH, clean_location, clean_text
from messaging.attachments.cleaning import find_orphans
from messaging.attachments.files import LARGE, SMALL, name_of, read_checksum
from messaging.attachments.models import Attachment, State

NEW_FILE = timedelta(hours=1)

PythonCheck = Callable[[], Iterator[Any]]

# Queries select candidates that are not obviously fine; the rule itself is in django_common.text_validation.
TEXT_CANDIDATES = f"""
SELECT '{{0}} ' || id, {{1}} FROM {{2}}
WHERE left({{1}}, 1) COLLATE "C" NOT BETWEEN '!' AND '~'
   OR right({{1}}, 1) COLLATE "C" NOT BETWEEN '!' AND '~'
   OR length({{1}}) > {MAX_TEXT_LENGTH} OR {{1}} !~ '[0-9A-Za-z]'
"""
LOCATION_CANDIDATES = """
SELECT '{0} ' || id, {1} FROM tickets_ticket
WHERE {1} <> '' AND ({1} COLLATE "C" !~ '^[ -~]*$' OR {1} <> btrim({1}) OR length({1}) > 100)
"""


def stream(query: str) -> Iterator[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.connection.cursor(name="integrity") as cursor:
        cursor.execute(query)
        yield from cursor


def find_unclean(query: str, clean: Callable[[str, object], str]) -> Iterator[str]:
    for identity, text in stream(query):
        try:
            # CR CR LF may leave a CRLF: it is replaced in one pass.
            is_clean = clean("text", text) == text.replace("\r\n", "\n")
        except Invalid:
            is_clean = False
        if not is_clean:
            yield identity


def find_unclean_texts() -> Iterator[str]:
    yield from find_unclean(TEXT_CANDIDATES.format("ticket", "description", "tickets_ticket"), clean_text)
    yield from find_unclean(TEXT_CANDIDATES.format("message", "body", "messaging_message"), clean_text)
    for field in ("building", "room"):
        yield from find_unclean(LOCATION_CANDIDATES.format("ticket", field), clean_location)


def find_changed_results() -> Iterator[Any]:
    """Results that are unreadable, do not match their checksum, or use another time zone than requested.

    The model reads the first two as failed.
    """
    for analysis in Analysis.objects.done().iterator(chunk_size=100):
        result: Any = analysis.result
        if not analysis.is_done or result["lineage"]["time_zone"] != analysis.time_zone:
            yield analysis.pk


def find_uneven_reports() -> Iterator[str]:
    """Runs that are not a slot of their schedule, or not the next one after the run before.

    In the campus time zone of that time, which its analysis records. Gaps are checked since the schedule was
    last resumed: slots of a pause are skipped.
    """
    runs = ReportRun.objects.order_by("slot").values_list("schedule", "slot", "analysis__time_zone")
    slots: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for schedule_id, slot, zone in runs:
        slots[schedule_id].append((slot, zone or campus_time_zone()))
    for schedule in ReportSchedule.objects.all():
        before = schedule.counts_from
        for slot, zone in slots[schedule.pk]:
            if slot > schedule.counts_from:
                is_next = slot == next(slots_after(schedule.recurrence, before, zone))
                before = slot
            else:
                is_next = bool(
                    slots_between(schedule.recurrence, slot - timedelta(microseconds=1), slot, zone)
                )
            if not is_next:
                yield f"schedule {schedule.pk}: {slot:%Y-%m-%dT%H:%MZ}"


def find_damaged_photos() -> Iterator[str]:
    """Ready photos whose files are missing or differ from their checksums, and files that belong to no photo.

    New files may be newer than the snapshot.
    """
    for photo in Attachment.objects.filter(state=State.READY).order_by("pk").iterator():
        for kind, expected in ((LARGE, photo.large_sha256), (SMALL, photo.small_sha256)):
            if read_checksum(name_of(photo.pk, kind)) != expected:
                yield name_of(photo.pk, kind)
    is_new_after = timezone.now() - NEW_FILE
    yield from (
        name for name in sorted(find_orphans()) if default_storage.get_modified_time(name) < is_new_after
    )


PYTHON_CHECKS: list[tuple[int, str, PythonCheck]] = [
    (7, "texts are visible, trimmed and within limits", find_unclean_texts),
    (13, "results match their checksums", find_changed_results),
    (13, "photos match their checksums", find_damaged_photos),
    (14, "reports follow each other without a gap", find_uneven_reports),
]
