"""Merge the answers of all returns into one ledger."""
