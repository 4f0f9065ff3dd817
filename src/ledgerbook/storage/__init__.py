"""Find, read, name and write files; see which of them other programs have open."""
