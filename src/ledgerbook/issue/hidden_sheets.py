"""The hidden sheets of an issued workbook: its marks, its definition, its choices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from ledgerbook import forms, identity
from ledgerbook.model import Book, ColumnType, Form, Round

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from ledgerbook.excel.writer import WorkbookWriter


def choice_name(form: Form, key: str) -> str:
    """Return the defined name under which the choices of column ``key`` stand."""
    return f"choices_{form.key}_{key}" if form.is_register else f"choices_{key}"


def add_choices(maker: WorkbookWriter, forms: Sequence[Form]) -> None:
    """Put every choice list on a hidden sheet and name it.

    A list written into the validation itself may not exceed 255 characters; a name
    has no such limit.
    """
    sheet = maker.sheet(identity.LIST_SHEET)
    sheet.hide()
    columns = [
        (form, column)
        for form in forms
        for column in form.columns
        if column.kind is ColumnType.CHOICE
    ]
    for n, (form, column) in enumerate(columns):
        values = form.choices_of(column).values
        sheet.write_string(0, n, column.header)
        sheet.write_column(1, n, values)
        letter = xl_col_to_name(n)
        maker.workbook.define_name(
            choice_name(form, column.key),
            f"='{identity.LIST_SHEET}'!${letter}$2:${letter}${len(values) + 1}",
        )


def add_marks(
    maker: WorkbookWriter,
    book: Book,
    a_round: Round,
    sections: Sequence[str],
    registers: Sequence[Form] = (),
) -> None:
    """Put who, what and when on a very hidden sheet: one line a sheet.

    Of each form it says the version, and the definition itself.
    """
    form = book.form
    sheet: Worksheet = maker.sheet(identity.MARK_SHEET)
    sheet.very_hidden()
    facts = [
        ("格式", identity.FORMAT),
        ("机关", book.agency),
        ("年度", str(book.year)),
        (identity.VERSION, forms.version(form)),
    ]
    facts += [
        (
            identity.MARK_LABEL,
            identity.sheet_mark(book, a_round.name, section, one.key).line,
        )
        for section in sections
        for one in (form, *registers)
    ]
    facts += [
        (identity.DEFINITION, piece) for piece in identity.pieces(forms.to_json(form))
    ]
    for one in registers:
        facts.append((identity.of_form(identity.VERSION, one.key), forms.version(one)))
        name = identity.of_form(identity.DEFINITION, one.key)
        facts += [(name, piece) for piece in identity.pieces(forms.to_json(one))]
    rows = _rows(book, a_round, sections)
    facts += [(identity.ROWS, piece) for piece in identity.pieces(rows)]
    for row, (name, value) in enumerate(facts):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)


def _rows(book: Book, a_round: Round, sections: Sequence[str]) -> str:
    """Return as JSON what the workbook's rows are, so that it can be checked alone."""
    tasks = [
        {
            "code": task.code,
            "number": task.number,
            "requirement": task.requirement,
            "point": task.point,
            "measure": task.measure,
            "limit": task.limit,
            "due": task.due.isoformat() if task.due else "",
            "sections": {
                section: {
                    "row": identity.row_code(book, task, section),
                    "roles": list(task.roles_of(section)),
                }
                for section in sections
                if task.roles_of(section)
            },
        }
        for task in book.tasks
        if any(task.roles_of(section) for section in sections)
    ]
    facts = {
        "agency": book.agency,
        "year": book.year,
        "office": book.office,
        "due": a_round.due.isoformat() if a_round.due else "",
        "tasks": tasks,
    }
    return json.dumps(facts, ensure_ascii=False)
