"""Helpers that several test modules use: they make books, returns, ledgers and files."""
