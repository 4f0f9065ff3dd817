"""What hangs on a return's cells → Attachments, each with the task that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ledgerbook import identity
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    RawSheet,
    RawWorkbook,
    cell_name,
)
from ledgerbook.intake.identify import IdentifiedSheet, ReturnSheet, sent_unfillable
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Attachment, AttachmentKind

# How a link begins that leads within its own workbook.
_INSIDE = "#"


def attachments(
    file: str, raw: RawWorkbook, found: IdentifiedSheet, book: Book
) -> tuple[Attachment, ...]:
    """List all that hangs on the sheets of a return, also on those that are not ours.

    What we put there ourselves is left out: remarks as we wrote them, and the links
    of the sheets that are only to be read.
    """
    known = {id(sheet.raw): sheet for sheet in found.sheets}
    sections = {sheet.mark.section for sheet in found.sheets}
    alone = sections.pop() if len(sections) == 1 else ""
    return tuple(
        _placed(one, cell, file, sheet, _spots(known.get(id(sheet)), alone))
        for sheet in raw.sheets
        for cell, one in _hanging(sheet, own=sent_unfillable(sheet, book))
    )


def unread(file: str, raw: RawWorkbook, found: IdentifiedSheet) -> Iterator[Problem]:
    """Tell what hangs on the sheets and could not be carried."""
    sections = {id(sheet.raw): sheet.mark.section for sheet in found.sheets}
    for sheet in raw.sheets:
        for detail in sheet.extras.unread:
            place, section = Place(file, sheet.name), sections.get(id(sheet), "")
            yield Problem("attachment-unread", place, {"detail": detail}, section)


def _hanging(sheet: RawSheet, *, own: bool) -> Iterator[tuple[Cell, Attachment]]:
    extras = sheet.extras
    for cell, text in extras.notes.items():
        if not identity.is_remark(text):
            yield cell, Attachment(AttachmentKind.NOTE, Place(), text=text)
    for cell, target in extras.links.items():
        if not (own and target.startswith(_INSIDE)):
            yield cell, Attachment(AttachmentKind.LINK, Place(), text=target)
    for one in extras.pictures:
        picture = Attachment(
            AttachmentKind.PICTURE, Place(), text=one.name, data=one.data
        )
        yield one.cell, picture


@dataclass(frozen=True, slots=True)
class _Spots:
    """What the rows and columns of a sheet stand for: task codes and column keys."""

    section: str
    tasks: Mapping[int, str]
    columns: Mapping[int, str]


def _spots(sheet: ReturnSheet | None, alone: str) -> _Spots:
    if sheet is None:
        return _Spots(alone, {}, {})
    tasks = {row.index: row.task.code for row in sheet.rows}
    columns = {index: key for key, index in sheet.columns.index.items()}
    return _Spots(sheet.mark.section, tasks, columns)


def _placed(
    one: Attachment, cell: Cell, file: str, sheet: RawSheet, spots: _Spots
) -> Attachment:
    task = spots.tasks.get(cell[0], "")
    return replace(
        one,
        place=Place(file, sheet.name, cell_name(cell)),
        section=spots.section,
        task=task,
        column=spots.columns.get(cell[1], "") if task else "",
    )
