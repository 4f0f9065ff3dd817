"""Files found, written whole or not at all, and what other programs hold open."""
