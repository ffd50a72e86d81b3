"""How long tickets take from opening to closing, by opening month."""
