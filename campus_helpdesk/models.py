"""The site's own rows: how often an action was done lately."""

from campus_helpdesk.middleware.throttling.models import RateWindow

__all__ = ["RateWindow"]
