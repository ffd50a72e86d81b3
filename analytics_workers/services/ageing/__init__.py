"""How long unresolved tickets have been waiting."""
