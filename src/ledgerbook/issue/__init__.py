"""Book → the workbooks that go out to the sections."""

from ledgerbook.identity import is_draft, sealed, touched
from ledgerbook.issue.corrections import corrections
from ledgerbook.issue.email_drafts import letters
from ledgerbook.issue.layout import Given
from ledgerbook.issue.workbook import IssuedFile, issue_round, section_workbook

__all__ = [
    "Given",
    "IssuedFile",
    "corrections",
    "is_draft",
    "issue_round",
    "letters",
    "sealed",
    "section_workbook",
    "touched",
]
