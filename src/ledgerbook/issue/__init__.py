"""Book → the workbooks that go out to the sections."""

from ledgerbook.issue.canvas import Given
from ledgerbook.issue.corrections import corrections
from ledgerbook.issue.letters import letters
from ledgerbook.issue.seal import is_draft, sealed, touched
from ledgerbook.issue.workbook import Issued, issue_round, section_workbook

__all__ = [
    "Given",
    "Issued",
    "corrections",
    "is_draft",
    "issue_round",
    "letters",
    "sealed",
    "section_workbook",
    "touched",
]
