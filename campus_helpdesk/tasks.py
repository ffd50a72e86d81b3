"""Scheduled tasks of the site itself."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from campus_helpdesk.middleware.throttling.buckets import prune_buckets


@shared_task
def prune_rates() -> None:
    prune_buckets()


@shared_task
def prune_sessions() -> None:
    """Deletes ended sessions. Behind a sign-on a client without cookies creates one with each request."""
    SessionStore.clear_expired()
