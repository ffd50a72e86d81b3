"""Mail that comes in: each one becomes a ticket, a message, or a stored refusal, exactly once."""
