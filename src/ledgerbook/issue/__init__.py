"""Book → the workbooks that go out to the sections."""

from ledgerbook.issue.workbook import Issued, issue_round, section_workbook, touched

__all__ = ["Issued", "issue_round", "section_workbook", "touched"]
