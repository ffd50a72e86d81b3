"""The site's own rows: rate limits."""

from campus_helpdesk.middleware.throttling.models import RateWindow

__all__ = ["RateWindow"]
