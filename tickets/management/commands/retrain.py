"""The nightly retraining, run by hand: learns from the corrections."""

import importlib.util
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickets.models import ModelOrigin


class Command(BaseCommand):
    help = (
        "Train the triage model on its seeds and the corrections, and activate it if it is not worse."
        " The exit code is 0 also if it is refused."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not importlib.util.find_spec("sklearn"):
            raise CommandError("Retraining needs scikit-learn: run this where the gateway's worker runs.")
        from tickets.learning.retraining import retrain  # 150 MB of libraries that --help does not need

        self.stdout.write(retrain(ModelOrigin.COMMAND))
