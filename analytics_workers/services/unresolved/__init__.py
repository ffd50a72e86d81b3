"""How many recently opened tickets are unresolved."""
