"""How often an action is allowed per minute: `buckets` counts, `middleware` knows whose action it is."""
