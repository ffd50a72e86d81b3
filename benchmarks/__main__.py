"""Starts the servers, runs every benchmark and prints one table: name and goal, figure, ratio."""

import logging
import os
from itertools import chain

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts

TICKETS = int(os.environ.get("TICKETS", "20000"))


def main() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "campus_helpdesk.settings"
    django.setup()
    logging.disable(logging.INFO)  # one line per request
    call_command("migrate", verbosity=0)
    from benchmarks import analyses, bulk_import, facts, measures, pages

    print(f"{TICKETS:,} tickets")
    print(f"{'what (goal)':<70}{'measured':>16}{'ratio':>8}")
    at_size = [bulk_import.measure(TICKETS), pages.measure(TICKETS)]
    for name, figure, ratio in chain(*at_size, measures.measure(), facts.measure(), analyses.measure()):
        print(f"{name:<70}{figure:>16}{ratio:>8}", flush=True)


if __name__ == "__main__":
    main()
