"""The project's own tables; each is defined in the package that uses it."""

from campus_helpdesk.middleware.throttling.models import RateWindow

__all__ = ["RateWindow"]
