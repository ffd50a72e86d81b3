"""How often an action is allowed per minute: `buckets` counts, `middleware` finds the caller."""
