"""When tickets are opened: weekday and hour."""
