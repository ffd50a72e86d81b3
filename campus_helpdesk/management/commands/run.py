from typing import Any

from django.core.management.base import BaseCommand

from campus_helpdesk.local_stack.stack import run_stack


class Command(BaseCommand):
    help = "Run PostgreSQL, Valkey, web, workers and beat on this machine until Ctrl-C; see PORT and DATA."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(run_stack())
