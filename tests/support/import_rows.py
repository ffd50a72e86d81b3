"""Rows of the files that an import reads."""

import csv

CLOSED = {
    "id": "41",
    "title": "Projector is dark",
    "body": "Hello,\nno picture since noon.",
    "status": "closed",
    "category": "it",
    "requester": "nobody@example.edu",
    "opened_at": "2025-03-01T09:00:00Z",
    "updated_at": "2025-03-03T12:00:00Z",
    "closed_at": "2025-03-03T12:00:00Z",
}
OPEN = CLOSED | {"id": "42", "status": "open", "updated_at": "", "closed_at": ""}
ACTIVE = OPEN | {"id": "43", "status": "active"}
FIRST = {
    "ticket_id": "41",
    "author": "Ana",
    "is_staff": "0",
    "created_at": "2025-03-01T09:00:00Z",
    "body": "Hello,\nno picture since noon.",
}
ANSWER = FIRST | {
    "author": "Jo",
    "is_staff": "1",
    "created_at": "2025-03-02T08:00:00+01:00",
    "body": "We come.",
}
NOTE = ANSWER | {"created_at": "2025-03-01T10:00:00Z", "body": "Lamp ordered", "is_internal": "1"}


def write(path, rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)
