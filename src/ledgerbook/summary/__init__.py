"""Write the year's summary workbook (年度汇总) from the ledger, and read it again."""

from ledgerbook.summary.metadata import read_summary_metadata
from ledgerbook.summary.office_notes import OfficeNotes, read_office_notes
from ledgerbook.summary.workbook import build_summary_filename, find_row_code_header, write_summary

__all__ = [
    "OfficeNotes",
    "build_summary_filename",
    "find_row_code_header",
    "read_office_notes",
    "read_summary_metadata",
    "write_summary",
]
