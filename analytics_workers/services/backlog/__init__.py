"""How many tickets were unresolved at the end of each day."""
