"""`manage.py migrate`: Django's command, which may take as long here as the size of the tables requires."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from django_common.database import unlimited_session


class Command(Migrate):
    def handle(self, *arguments: Any, **options: Any) -> None:
        with unlimited_session():
            super().handle(*arguments, **options)
