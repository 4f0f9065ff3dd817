"""Add the hidden sheets of an issued workbook: choices, and marks with definitions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ledgerbook import forms, identity
from ledgerbook.a1_references import format_area_reference
from ledgerbook.excel.names import encode_defined_name
from ledgerbook.excel.refusals import check_result
from ledgerbook.issue.baseline import make_value_facts
from ledgerbook.issue.fixed_texts import FixedTexts, make_text_facts
from ledgerbook.issue.instruction_texts import list_choice_columns
from ledgerbook.model import Book, Form, Round
from ledgerbook.model.issued_values import IssuedValues

if TYPE_CHECKING:
    from ledgerbook.excel.workbook_writer import WorkbookWriter


def build_choices_name(form: Form, key: str) -> str:
    """Return the defined name of the choices of column ``key``.

    It is one that Excel accepts, whatever the keys are.
    """
    return encode_defined_name(
        f"choices_{form.key}_{key}" if form.is_register else f"choices_{key}"
    )


def add_choice_sheet(writer: WorkbookWriter, forms: Sequence[Form]) -> None:
    """Add a hidden sheet with every choice list, and a defined name for each.

    A list written into the data validation itself may not exceed 255 characters; a list
    referred to by a name may.
    """
    worksheet = writer.add_sheet(identity.CHOICES_SHEET)
    worksheet.hide()
    for position, (form, column) in enumerate(list_choice_columns(forms)):
        values = form.get_choice_list(column).values
        check_result(worksheet.write_string(0, position, column.header))
        check_result(worksheet.write_column(1, position, values))
        first, last = (1, position), (len(values), position)
        writer.define_name(
            build_choices_name(form, column.key),
            identity.CHOICES_SHEET,
            format_area_reference(first, last, is_absolute=True),
        )


def add_mark_sheet(
    writer: WorkbookWriter,
    book: Book,
    round_: Round,
    sections: Sequence[str],
    registers: Sequence[Form],
    *,
    values: IssuedValues,
    texts: FixedTexts,
) -> None:
    """Add the very hidden sheet by which a return is recognised: names and values.

    It has the mark of each sheet, version and definition of each form, the rows with their
    tasks, the ``values`` of the answer cells, and the ``texts`` of the sheets that have
    nothing to fill in. Long values are split over several lines
    of the same name.
    """
    form = book.task_form
    worksheet = writer.add_sheet(identity.MARK_SHEET)
    worksheet.very_hidden()
    facts = [
        (identity.FORMAT_FACT, identity.MARK_FORMAT),
        (identity.AGENCY_FACT, book.agency),
        (identity.YEAR_FACT, str(book.year)),
        (identity.VERSION_FACT, forms.compute_form_version(form)),
    ]
    facts += [
        (
            identity.MARK_LABEL,
            identity.sign_sheet(book, round_.name, section, sheet_form.key).line,
        )
        for section in sections
        for sheet_form in (form, *registers)
    ]
    facts += [
        (identity.DEFINITION_FACT, piece)
        for piece in identity.split_pieces(forms.serialize_form(form))
    ]
    for sheet_form in registers:
        facts.append(
            (
                identity.name_form_fact(identity.VERSION_FACT, sheet_form.key),
                forms.compute_form_version(sheet_form),
            )
        )
        name = identity.name_form_fact(identity.DEFINITION_FACT, sheet_form.key)
        facts += [
            (name, piece) for piece in identity.split_pieces(forms.serialize_form(sheet_form))
        ]
    rows = _serialize_rows(book, round_, sections)
    facts += [(identity.ROWS_FACT, piece) for piece in identity.split_pieces(rows)]
    facts += make_value_facts(book, values)
    facts += make_text_facts(book, texts)
    for row, (name, value) in enumerate(facts):
        check_result(worksheet.write_string(row, 0, name))
        check_result(worksheet.write_string(row, 1, value))


def _serialize_rows(book: Book, round_: Round, sections: Sequence[str]) -> str:
    """Return the tasks of the workbook as JSON, so that it can be checked without the book."""
    tasks = [
        {
            "code": task.code,
            "number": task.number,
            "requirement": task.requirement,
            "point": task.point,
            "measure": task.measure,
            "limit": task.deadline_text,
            "due": task.due.isoformat() if task.due else "",
            "sections": {
                section: {
                    "row": identity.make_row_code(book, task, section),
                    "roles": list(task.get_roles(section)),
                }
                for section in sections
                if task.get_roles(section)
            },
        }
        for task in book.tasks
        if any(task.get_roles(section) for section in sections)
    ]
    facts = {
        "agency": book.agency,
        "year": book.year,
        "office": book.office,
        "due": round_.due.isoformat() if round_.due else "",
        "tasks": tasks,
    }
    return json.dumps(facts, ensure_ascii=False)
