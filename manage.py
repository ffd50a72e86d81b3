#!/usr/bin/env python3
"""Every command of the project: `manage.py run` for the whole stack, `manage.py help` for the rest."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")
    try:
        from campus_helpdesk.local_stack.commands import manage
    except ImportError as error:
        sys.exit(f"{error}. Install what the project needs with `make install`, then use .venv/bin/python.")
    manage(sys.argv[1:])


if __name__ == "__main__":
    main()
