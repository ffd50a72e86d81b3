"""What packages above may react to, in the transaction of the change: what they raise undoes it."""

from django.dispatch import Signal

# Arguments: ticket, by (the caller) and key (of the request, empty without one).
ticket_opened = Signal()

# Arguments: ticket, by (the caller) and verb, as in the history.
ticket_moved = Signal()

# Arguments: ticket (the duplicate that is none any more) and kept (the one it was merged into).
ticket_unmerged = Signal()
