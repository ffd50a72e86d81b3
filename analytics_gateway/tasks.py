"""Scheduled tasks. Several beats are harmless: rows decide."""

from celery import shared_task

from analytics_gateway.heartbeats import write_heartbeats
from analytics_gateway.reconciler import reconcile
from analytics_gateway.retention import prune
from analytics_gateway.scheduled_runs import make_due_reports


@shared_task
def reconcile_analyses() -> None:
    reconcile()
    write_heartbeats()


@shared_task
def run_due_reports() -> None:
    make_due_reports()


@shared_task
def prune_analyses() -> None:
    prune()
