#!/usr/bin/env python3
"""Every command of the project: `manage.py run` for the whole stack, `manage.py help` for the others."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")
    words = sys.argv[1:]
    try:
        if os.environ.get("DATABASE_URL") and words != ["run"]:
            from django_common.command_line import run_command as manage
        else:  # DATA has a database of its own
            from campus_helpdesk.local_stack.commands import manage
    except ImportError as error:
        sys.exit(f"{error}. Install the dependencies with `make install`, then use .venv/bin/python.")
    manage(words)


if __name__ == "__main__":
    main()
