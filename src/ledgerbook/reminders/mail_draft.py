"""Write the mail draft that goes with a letter: every matter, and the workbook to correct."""

from __future__ import annotations

from collections.abc import Iterator

from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.issue.email_drafts import EmailDraft, build_draft
from ledgerbook.issue.workbook import IssuedFile
from ledgerbook.model import Section
from ledgerbook.reminders.letter import ReminderNote


def build_reminder_draft(
    note: ReminderNote, section: Section, stem: str, file: IssuedFile | None
) -> EmailDraft:
    """Return the draft of a mail to ``section``, with ``file`` attached if there is one."""
    subject = f"催办：{note.cover.subject}：{section.name}"
    return build_draft(stem, section, subject, _compose_lines(note), file)


def _compose_lines(note: ReminderNote) -> Iterator[str]:
    yield f"{note.reminder.section}："
    yield note.opening
    for number, group in enumerate(note.reminder.groups, 1):
        yield ""
        yield f"{format_numeral(number)}、{group.summary}"
        yield from (f"{count}. {matter.text}" for count, matter in enumerate(group.matters, 1))
    yield ""
    yield note.closing
    yield ""
    yield note.cover.sender
    yield note.cover.issue_date_text
