"""Ledger → the year's summary workbook."""

from ledgerbook.summary.reviews import Reviews, read_reviews
from ledgerbook.summary.told import told_by
from ledgerbook.summary.workbook import code_header, summary_name, write_summary

__all__ = [
    "Reviews",
    "code_header",
    "read_reviews",
    "summary_name",
    "told_by",
    "write_summary",
]
