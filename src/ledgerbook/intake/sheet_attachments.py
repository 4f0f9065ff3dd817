"""What hangs on a return's cells → Attachments, each with the task that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.intake.formats.raw_workbook import RawSheet, RawWorkbook
from ledgerbook.intake.identify import Identification, ReturnSheet, is_unfillable_sheet
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Attachment, AttachmentKind

# How a link begins that leads within its own workbook.
_INTERNAL_LINK_PREFIX = "#"


def collect_attachments(
    file: str, workbook: RawWorkbook, identification: Identification, book: Book
) -> tuple[Attachment, ...]:
    """List all that hangs on the sheets of a return, also on those that are not ours.

    What we put there ourselves is left out: remarks as we wrote them, and the links
    of the sheets that are only to be read.
    """
    return_sheets = {id(sheet.raw): sheet for sheet in identification.sheets}
    sections = {sheet.mark.section for sheet in identification.sheets}
    default_section = sections.pop() if len(sections) == 1 else ""
    return tuple(
        _locate_attachment(
            attachment,
            cell,
            file,
            sheet,
            _index_subjects(return_sheets.get(id(sheet)), default_section),
        )
        for sheet in workbook.sheets
        for cell, attachment in _list_sheet_attachments(
            sheet, skip_internal_links=is_unfillable_sheet(sheet, book)
        )
    )


def report_unread_attachments(
    file: str, workbook: RawWorkbook, identification: Identification
) -> Iterator[Problem]:
    """Tell what hangs on the sheets and could not be carried."""
    sections = {id(sheet.raw): sheet.mark.section for sheet in identification.sheets}
    for sheet in workbook.sheets:
        for detail in sheet.attachments.unread:
            place, section = Place(file, sheet.name), sections.get(id(sheet), "")
            yield Problem("attachment-unread", place, {"detail": detail}, section)


def _list_sheet_attachments(
    sheet: RawSheet, *, skip_internal_links: bool
) -> Iterator[tuple[CellPosition, Attachment]]:
    extras = sheet.attachments
    for cell, text in extras.notes.items():
        if not identity.is_signed_remark(text):
            yield cell, Attachment(AttachmentKind.NOTE, Place(), text=text)
    for cell, target in extras.links.items():
        if not (skip_internal_links and target.startswith(_INTERNAL_LINK_PREFIX)):
            yield cell, Attachment(AttachmentKind.LINK, Place(), text=target)
    for sheet_picture in extras.pictures:
        picture = Attachment(
            AttachmentKind.PICTURE,
            Place(),
            text=sheet_picture.name,
            data=sheet_picture.data,
        )
        yield sheet_picture.cell, picture


@dataclass(frozen=True, slots=True)
class _SheetSubjects:
    """What the rows and columns of a sheet stand for: task codes and column keys."""

    section: str
    tasks: Mapping[int, str]
    columns: Mapping[int, str]


def _index_subjects(sheet: ReturnSheet | None, default_section: str) -> _SheetSubjects:
    if sheet is None:
        return _SheetSubjects(default_section, {}, {})
    tasks = {row.index: row.task.code for row in sheet.rows}
    columns = {position: key for key, position in sheet.columns.positions.items()}
    return _SheetSubjects(sheet.mark.section, tasks, columns)


def _locate_attachment(
    attachment: Attachment,
    cell: CellPosition,
    file: str,
    sheet: RawSheet,
    subjects: _SheetSubjects,
) -> Attachment:
    task = subjects.tasks.get(cell[0], "")
    return replace(
        attachment,
        place=Place(file, sheet.name, format_cell_reference(cell)),
        section=subjects.section,
        task=task,
        column=subjects.columns.get(cell[1], "") if task else "",
    )
