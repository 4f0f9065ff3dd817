"""Make tables for programs of a ledger or a roll-up: as csv, parquet and data frames.

A table has a name and columns with keys that no office changes, in small ASCII letters; a
value has the type of its column or is missing. ``docs/data-tables.md`` lists all of them.
"""
