"""Remind the sections of what is open: letters, mail drafts, and a list for the office."""
