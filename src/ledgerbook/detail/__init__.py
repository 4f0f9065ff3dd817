"""One row a task and section: the schema of every level, and its exports."""
