"""How many tickets were waiting at the end of each day."""
