"""When a task or an entry is due: limits, rhythms, turns, working days."""
