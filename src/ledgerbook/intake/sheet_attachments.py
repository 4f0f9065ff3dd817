"""Collect the comments, links and pictures on the cells of a return.

Each becomes an :class:`~ledgerbook.model.results.Attachment` with the task and column of
the row and column where it is, as far as those are known.
"""

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

# A link within its own workbook begins so.
_INTERNAL_LINK_PREFIX = "#"


def collect_attachments(
    file: str, workbook: RawWorkbook, identification: Identification, book: Book
) -> tuple[Attachment, ...]:
    """Return the attachments of all sheets of a return but those that are not ours.

    What we put there ourselves is left out: remarks that nobody has changed, and the
    internal links of sheets that are not to be filled in.
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
        for sheet in _list_own_sheets(workbook, identification)
        for cell, attachment in _list_sheet_attachments(
            sheet, skip_internal_links=is_unfillable_sheet(sheet, book)
        )
    )


def collect_pictures(file: str, workbook: RawWorkbook) -> tuple[Attachment, ...]:
    """Return the pictures alone of a workbook that is not ours."""
    return tuple(
        replace(one, place=Place(file, sheet.name, format_cell_reference(cell)))
        for sheet in workbook.sheets
        for cell, one in _list_sheet_attachments(sheet, skip_internal_links=True)
        if one.kind is AttachmentKind.PICTURE
    )


def _list_own_sheets(workbook: RawWorkbook, identification: Identification) -> list[RawSheet]:
    foreign_ids = {id(sheet) for sheet in identification.foreign_sheets}
    return [sheet for sheet in workbook.sheets if id(sheet) not in foreign_ids]


def report_unread_attachments(
    file: str, workbook: RawWorkbook, identification: Identification
) -> Iterator[Problem]:
    """Report what is attached to the sheets and could not be read, and sheets of other kinds."""
    for name, kind in workbook.unread_sheets.items():
        yield Problem("sheet-unread", Place(file, name), {"detail": kind})
    sections = {id(sheet.raw): sheet.mark.section for sheet in identification.sheets}
    for sheet in _list_own_sheets(workbook, identification):
        for detail in sheet.attachments.unread:
            place, section = Place(file, sheet.name), sections.get(id(sheet), "")
            yield Problem("attachment-unread", place, {"detail": detail}, section)


def _list_sheet_attachments(
    sheet: RawSheet, *, skip_internal_links: bool
) -> Iterator[tuple[CellPosition, Attachment]]:
    """Yield each attachment of a sheet with its cell, its place still blank."""
    attachments = sheet.attachments
    for cell, text in attachments.notes.items():
        if not identity.is_signed_remark(text):
            yield cell, Attachment(AttachmentKind.NOTE, Place(), text=text)
    for cell, target in attachments.links.items():
        if not (skip_internal_links and target.startswith(_INTERNAL_LINK_PREFIX)):
            yield cell, Attachment(AttachmentKind.LINK, Place(), text=target)
    for sheet_picture in attachments.pictures:
        picture = Attachment(
            AttachmentKind.PICTURE,
            Place(),
            text=sheet_picture.name,
            data=sheet_picture.data,
        )
        yield sheet_picture.cell, picture


@dataclass(frozen=True, slots=True)
class _SheetSubjects:
    """Whose a sheet is, 0-based row → task code, and 0-based column → column key."""

    section: str
    tasks: Mapping[int, str]
    columns: Mapping[int, str]


def _index_subjects(sheet: ReturnSheet | None, default_section: str) -> _SheetSubjects:
    """Return what rows and columns of a sheet stand for; nothing for one not identified."""
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
    """Return ``attachment`` with its place, section, task and column."""
    task = subjects.tasks.get(cell[0], "")
    return replace(
        attachment,
        place=Place(file, sheet.name, format_cell_reference(cell)),
        section=subjects.section,
        task=task,
        column=subjects.columns.get(cell[1], "") if task else "",
    )
