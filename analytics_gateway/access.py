"""Who may use analyses: the helpdesk, and no service."""

from common.errors import NotAllowed
from common.roles import Caller


def require_analyst(by: Caller) -> None:
    """Raises NotAllowed."""
    if by.scope or not by.is_helpdesk:
        raise NotAllowed("Your role does not allow analyses.")
