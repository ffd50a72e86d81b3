"""Where unresolved tickets are, by building."""
