"""ledgerbook: issue a bureau's task ledger, collect the returns, sum up the year."""
