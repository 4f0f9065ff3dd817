"""Ledger → the year's summary workbook."""

from ledgerbook.summary.metadata import told_by
from ledgerbook.summary.office_notes import OfficeNotes, read_reviews
from ledgerbook.summary.workbook import code_header, summary_name, write_summary

__all__ = [
    "OfficeNotes",
    "code_header",
    "read_reviews",
    "summary_name",
    "told_by",
    "write_summary",
]
