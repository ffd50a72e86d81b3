#!/usr/bin/env bash
# django-pgtrigger mistakes the parentheses of a row comparison for parentheses around the whole condition.
#
# A condition "(a, b) IS DISTINCT FROM (c, d)" begins and ends with a parenthesis. None are added, and the trigger's SQL
# is WHEN (a, b) IS DISTINCT FROM (c, d), which is not a valid WHEN clause. Enclose the whole condition in parentheses.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    django==5.2.19 django-pgtrigger==4.17.0 "psycopg[binary]==3.3.9"
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "unused"}})
django.setup()

import pgtrigger
from django.db import models


class Ticket(models.Model):
    building = models.TextField()
    room = models.TextField()

    class Meta:
        app_label = "example"


def render(condition: str) -> str:
    trigger = pgtrigger.Trigger(
        name="moved",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(condition),
        func="RETURN NULL;",
    )
    return trigger.render_condition(Ticket).strip()


rows = "(OLD.building, OLD.room) IS DISTINCT FROM (NEW.building, NEW.room)"
print("django-pgtrigger", version("django-pgtrigger"))
print("plain:   ", render("OLD.room IS DISTINCT FROM NEW.room"))
print("rows:    ", render(rows))
print("enclosed:", render(f"({rows})"))
assert render("OLD.room IS DISTINCT FROM NEW.room") == "WHEN (OLD.room IS DISTINCT FROM NEW.room)"
assert render(rows) == f"WHEN {rows}"
assert render(f"({rows})") == f"WHEN ({rows})"
PYTHON
