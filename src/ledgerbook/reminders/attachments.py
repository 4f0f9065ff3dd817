"""Build what goes with a reminder: the section's 退回修改, else its form as filled in so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook.excel.refusals import report_refusals
from ledgerbook.identity import OutputKind
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.layout import PrefilledAnswers
from ledgerbook.issue.prefill import find_personal_sections, prefill_answers
from ledgerbook.issue.workbook import IssuedFile, build_section_workbook
from ledgerbook.merge.personal_data import blank_problem
from ledgerbook.model import Round
from ledgerbook.model.results import Ledger
from ledgerbook.reminders.matters import Reminder

# What to do, by what goes with the reminder: names of the file and of the office.
_CORRECTION_REQUEST = "请尽快办好，照随发的“{file}”第一页改正，保存后把它交回{office}。"
_PREFILLED_REQUEST = "请尽快办好，在随发的“{file}”里接着填，保存后把它交回{office}。"
_BLANK_REQUEST = "请尽快办好，填好随发的“{file}”，保存后把它交回{office}。"
WITHHELD_REQUEST = "请尽快办好；要填的表里有个人信息，不用邮件发，另行送去，填好后交回{office}。"
PLAIN_REQUEST = "请尽快办好，告诉{office}。"


@dataclass(frozen=True, slots=True)
class ReminderWorkbook:
    """A workbook for a section, and the sentence that asks to do something with it.

    ``is_personal``: a register in it has personal data (个人信息), or may quote some.
    """

    file: IssuedFile
    request: str
    is_personal: bool


def build_attachments(
    ledger: Ledger, reminders: Sequence[Reminder], stems: Mapping[str, str]
) -> Iterator[tuple[str, ReminderWorkbook]]:
    """Yield section and workbook; ``stems`` are the names of its files by section.

    A section that the current round asks nothing of has none.
    """
    book = ledger.book
    corrections = {file.section: file for file in build_corrections(ledger)}
    rounds = {round_.name: round_ for round_ in book.rounds}
    prefilled_by_round = {
        name: prefill_answers(ledger, rounds[name]) for name in {one.round for one in reminders}
    }
    personal = _find_personal_sections(ledger)
    for reminder in reminders:
        name, prefilled = reminder.section, prefilled_by_round[reminder.round]
        own = {key: answers for key, answers in prefilled.items() if key[0] == name}
        if name in corrections:
            data, request = corrections[name].data, _CORRECTION_REQUEST
        elif reminder.is_owed:
            has_answers = any(cells for answers in own.values() for cells in answers.values())
            request = _PREFILLED_REQUEST if has_answers else _BLANK_REQUEST
            data = _build_form(ledger, rounds[reminder.round], name, own)
        else:
            continue
        is_personal = name in personal or bool(find_personal_sections(book, own))
        file_name = f"{stems[name]}.xlsx"
        file = IssuedFile(file_name, data, name)
        text = request.format(file=file_name, office=book.office)
        yield name, ReminderWorkbook(file, text, is_personal)


def _build_form(
    ledger: Ledger,
    round_: Round,
    section: str,
    prefilled: Mapping[tuple[str, str], PrefilledAnswers],
) -> bytes:
    with report_refusals(f"{OutputKind.RETURN}（{section}）"):
        return build_section_workbook(
            ledger.book, round_, [section], ledger.as_of, prefilled=prefilled
        )


def _find_personal_sections(ledger: Ledger) -> frozenset[str]:
    """Return the sections whose list of corrections may quote personal data of a register."""
    book = ledger.book
    keeping = {
        name
        for name in book.section_names
        if any(form.personal_columns for form in book.get_registers(name))
    }
    return frozenset(
        problem.section
        for problem in ledger.problems
        if problem.section in keeping
        and not problem.task
        and blank_problem(problem, book).values != problem.values
    )
