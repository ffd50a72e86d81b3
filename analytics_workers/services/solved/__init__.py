"""Whether reporters call their problem solved, by opening month."""
