"""Write 催办通知.docx, the letter to a section that lags, on one page.

An office may use its own template instead of our layout: a Word document with names in
double braces (see :mod:`ledgerbook.word.template`):

    {{ agency }} {{ office }} {{ year }} {{ form }} {{ round }} {{ title }} {{ section }}
    {{ due }} {{ contact }} {{ phone }} {{ email }} {{ day }} {{ summary }} {{ earlier }}
    {%p for one in groups %} {{ one.heading }}
    {%p for line in one.lines %} {{ line }}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledgerbook import identity
from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.excel.styles import measure_ems
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.issue.cover_note_document import build_notice_context
from ledgerbook.reminders.matters import MatterGroup, Reminder
from ledgerbook.text import format_chinese_date
from ledgerbook.word import styles
from ledgerbook.word.letter import (
    LINES_PER_PAGE,
    Letter,
    count_letter_lines,
    fill_letter,
    write_letter,
)

_MANUAL_CHAPTER = "催办"
_MAX_NAMED_DAYS = 3
_VERSION_COUNT = 4


@dataclass(frozen=True, slots=True)
class ReminderNote:
    """A reminder with what letter and mail say alike.

    ``request`` asks to do something, in a sentence that names the workbook that goes with them.
    """

    cover: CoverNote
    reminder: Reminder
    request: str

    @property
    def title(self) -> str:
        book = self.cover.book
        return f"关于{book.year}年{book.task_form.title}的催办通知"

    @property
    def opening(self) -> str:
        reminder = self.reminder
        return (
            f"{self.cover.subject}，截至{format_chinese_date(reminder.day)}，"
            f"你科室还有下列事项没有办完。{self.earlier}"
        )

    @property
    def earlier(self) -> str:
        """On which days the section was reminded before; blank if on none."""
        days = self.reminder.earlier
        if not days:
            return ""
        named = "、".join(map(format_chinese_date, days[-_MAX_NAMED_DAYS:]))
        recent = f"最近 {_MAX_NAMED_DAYS} 次是" if len(days) > _MAX_NAMED_DAYS else ""
        return f"此前已经催办 {len(days)} 次：{recent}{named}。"

    @property
    def closing(self) -> str:
        contact = f"{self.cover.contact_sentence}。" if self.cover.contact_sentence else ""
        return f"{self.request}{contact}"


def write_reminder(note: ReminderNote) -> bytes:
    """Return the letter in official layout, in as many words as one page holds."""
    composed = [_list_versions(number, g) for number, g in enumerate(note.reminder.groups, 1)]
    letter = _compose_letter(note, composed)
    while count_letter_lines(letter) > LINES_PER_PAGE:
        longest = max(composed, key=lambda versions: (len(versions) > 1, measure_ems(versions[0])))
        if len(longest) == 1:
            break
        del longest[0]
        letter = _compose_letter(note, composed)
    return write_letter(letter)


def fill_reminder(note: ReminderNote, template: tuple[bytes, str]) -> bytes:
    """Return the office's template (bytes and name), filled.

    Raises InputError as :func:`ledgerbook.word.letter.fill_letter` does.
    """
    context = _build_context(note)
    day = note.reminder.day
    return fill_letter(context, template, _MANUAL_CHAPTER, day, _build_keywords(note))


def _build_context(note: ReminderNote) -> dict[str, Any]:
    """Return the values of all names that a template may use."""
    reminder = note.reminder
    shared = build_notice_context(note.cover)
    return {
        **{key: value for key, value in shared.items() if key not in ("sections", "steps")},
        "title": note.title,
        "section": reminder.section,
        "summary": reminder.summary,
        "earlier": note.earlier,
        "groups": [
            {"heading": group.summary, "lines": [matter.text for matter in group.matters]}
            for group in reminder.groups
        ],
    }


def _list_versions(number: int, group: MatterGroup) -> list[str]:
    """Return the paragraph on a kind of matters, from the most words to the fewest."""
    heading = f"{format_numeral(number)}、{group.summary}"
    return [
        f"{heading}：{''.join(matter.text for matter in group.matters)}",
        f"{heading}：{'、'.join(matter.short_text for matter in group.matters)}。",
        f"{heading}：{'、'.join(matter.name for matter in group.matters)}。",
        f"{heading}。",
    ]


def _compose_letter(note: ReminderNote, versions: Sequence[Sequence[str]]) -> Letter:
    """Return the letter with the first version of each kind of matters."""
    is_whole = all(len(left) == _VERSION_COUNT for left in versions)
    return Letter(
        note.title,
        f"{note.reminder.section}：",
        (
            (styles.BODY, note.opening),
            *((styles.BODY, left[0]) for left in versions),
            (styles.BODY, note.closing if is_whole else f"{note.closing}详细情况见邮件。"),
        ),
        note.cover.sender,
        note.reminder.day,
        note.cover.book.agency,
        _build_keywords(note),
    )


def _build_keywords(note: ReminderNote) -> str:
    facts = (f"book={note.cover.book.book_id}", f"round={note.reminder.round}")
    return identity.format_keywords(identity.OutputKind.REMINDER, *facts)
