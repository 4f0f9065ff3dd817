"""Write the year's summary workbook (年度汇总) from the ledger, and read it again."""

from ledgerbook.summary.hand_edits import find_hand_edits, was_saved_since
from ledgerbook.summary.harvest import (
    Harvest,
    describe_overruled_notes,
    describe_unread_notes,
    harvest_notes,
    list_review_texts,
)
from ledgerbook.summary.metadata import read_summary_metadata
from ledgerbook.summary.office_notes import OfficeNotes, read_office_notes
from ledgerbook.summary.workbook import (
    build_summary_filename,
    find_row_code_header,
    write_summary,
    write_upload_summary,
)

__all__ = [
    "Harvest",
    "OfficeNotes",
    "build_summary_filename",
    "describe_overruled_notes",
    "describe_unread_notes",
    "find_hand_edits",
    "find_row_code_header",
    "harvest_notes",
    "list_review_texts",
    "read_office_notes",
    "read_summary_metadata",
    "was_saved_since",
    "write_summary",
    "write_upload_summary",
]
