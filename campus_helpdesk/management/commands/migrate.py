"""`manage.py migrate`: Django's command, which may take as long here as the size of the tables requires."""

from django.core.management.commands.migrate import Command as Migrate

from django_common.database import long_session


class Command(Migrate):
    def handle(self, *arguments, **options) -> None:
        with long_session():
            super().handle(*arguments, **options)
