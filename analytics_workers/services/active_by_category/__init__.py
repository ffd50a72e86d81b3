"""How many tickets are being worked on, by category."""
