"""What is sent to people: the outbox, its channels, and followers' e-mail addresses."""
