"""Tickets about one problem: finding similar ones, saying "me too", merging duplicates."""
