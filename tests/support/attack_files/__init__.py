"""Files that attack a reader, each with what must come of it."""
