"""Start the servers, run every benchmark, print one table: what, seconds or milliseconds, ratio, goal."""

import os

import tests.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts

TICKETS = int(os.environ.get("TICKETS", "20000"))


def main() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "campus_helpdesk.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    from benchmarks import facts, loading, measures, pages

    print(f"{TICKETS:,} tickets")
    print(f"{'what':<44}{'measured':>16}{'ratio':>10}")
    for module in (loading, pages, measures, facts):
        for name, figure, ratio in module.measure(TICKETS):
            print(f"{name:<44}{figure:>16}{ratio:>10}", flush=True)


if __name__ == "__main__":
    main()
