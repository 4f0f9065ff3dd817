"""A saved mail of a return: what it is, and what is attached to it."""
