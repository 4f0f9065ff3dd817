"""The tests: folders mirror those of src/ledgerbook; what tests share is in support."""
