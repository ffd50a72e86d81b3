"""`manage.py migrate`: Django's, which here may take as long as the size of the tables asks for."""

from django.core.management.commands.migrate import Command as Migrate

from django_common.database import long_session


class Command(Migrate):
    def handle(self, *arguments, **options) -> None:
        with long_session():
            super().handle(*arguments, **options)
