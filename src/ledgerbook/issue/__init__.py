"""Book → the workbooks that go out to the sections."""

from ledgerbook.issue.canvas import Given
from ledgerbook.issue.corrections import corrections
from ledgerbook.issue.seal import touched
from ledgerbook.issue.workbook import Issued, issue_round, section_workbook

__all__ = [
    "Given",
    "Issued",
    "corrections",
    "issue_round",
    "section_workbook",
    "touched",
]
