"""Untrusted files → Answers and Problems, in pure steps."""
