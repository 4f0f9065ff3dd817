"""What all returns say, brought together into one ledger."""
