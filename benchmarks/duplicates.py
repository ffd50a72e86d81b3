"""Shares of duplicates found and proposed: `python -m benchmarks.duplicates`.

The file of reports may be given, in the form of tests/tickets/duplicates/pairs.jsonl.
"""

import logging
import os
import sys
from pathlib import Path

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts


def main() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "campus_helpdesk.settings"
    django.setup()
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    from tests.support.duplicate_pairs import PAIRS_FILE, Site, read_lines

    site = Site(read_lines(Path(sys.argv[1]) if sys.argv[1:] else PAIRS_FILE))
    print("shown:", site.measure_shown())
    print("proposed:", site.measure_proposals())


if __name__ == "__main__":
    main()
