"""Bulk import of history: the only way in for tickets that were not reported here (load.load_history)."""
