"""In which buildings the tickets wait that are not closed."""
