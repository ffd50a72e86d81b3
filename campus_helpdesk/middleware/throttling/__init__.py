"""How often a deed may be done in a minute: `windows` counts, `middleware` says whose deed it is."""
