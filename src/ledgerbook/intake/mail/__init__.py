"""Saved mails (.eml, .msg): whether a file is one, and its attachments."""
