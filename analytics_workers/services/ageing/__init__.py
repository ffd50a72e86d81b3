"""How long the tickets that are not closed have been waiting."""
