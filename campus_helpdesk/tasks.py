"""What beat asks for of the site itself."""

from celery import shared_task

from campus_helpdesk.rates.windows import prune_windows


@shared_task
def prune_rates() -> None:
    prune_windows()
