"""What packages above may react to, in the transaction of the change: what they raise undoes it."""

from django.dispatch import Signal

# Arguments: message and by (the caller).
message_posted = Signal()

# Arguments: tickets. What they store of their texts and of people must go, too.
texts_blanked = Signal()
