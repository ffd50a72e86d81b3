"""Bulk import of history: the one way in for tickets that were not reported here (load.load_history)."""
