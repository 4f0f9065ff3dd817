"""The tests. Folders mirror those of src/ledgerbook; shared helpers are in support."""
