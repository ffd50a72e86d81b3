"""How many recently opened tickets are not closed yet."""
