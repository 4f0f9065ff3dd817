"""What tests share: books, returns, ledgers and files made for them."""
