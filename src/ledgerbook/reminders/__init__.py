"""Remind the sections of what is open: letters, mail drafts, a list for the office, a briefing."""
