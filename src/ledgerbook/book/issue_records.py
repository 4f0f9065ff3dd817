"""Keep on the sheet 签发记录 what was issued: to whom, in which round, with which values.

A line is one form of one section; where its texts are longer than a cell may be, it goes on
in further lines. Lines are appended and never changed: an issue again is a further record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest

from ledgerbook import forms, identity
from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine, split_names
from ledgerbook.book.package_rows import CellsByHeader, add_missing_sheets, append_lines
from ledgerbook.model import Book
from ledgerbook.model.issued_values import IssuedValues, IssueRecord, RowTexts
from ledgerbook.text import unescape_ooxml


def list_issue_records(book: Book, values: IssuedValues) -> tuple[IssueRecord, ...]:
    """Return a record of each form that is issued to a section with ``values``."""
    former_names: dict[str, tuple[str, ...]] = {}
    for record in book.issue_records:
        earlier = former_names.get(record.section, ())
        if record.issued_name and record.issued_name not in earlier:
            former_names[record.section] = (*earlier, record.issued_name)
    return tuple(
        IssueRecord(
            round=values.round,
            section=section,
            form=form.key,
            issued_on=values.issued_on,
            version=forms.compute_form_version(form),
            row_codes=(
                ()
                if form.is_register
                else tuple(
                    identity.make_row_code(book, task, section) for task in book.get_tasks(section)
                )
            ),
            texts=values.get_texts(section, form.key),
            former_names=former_names.get(section, ()),
        )
        for section in book.section_names
        for form in (book.task_form, *book.get_registers(section))
        if form.is_register or book.get_tasks(section)
    )


def append_issue_records(book_data: bytes, book: Book, records: Sequence[IssueRecord]) -> bytes:
    """Return the bytes of the book with ``records`` on 签发记录.

    A record equal to the newest of its round, section and form is left out: nothing else
    was issued. A book of an earlier version gets the sheets that it lacks. Raises InputError
    for one that cannot be read.
    """
    newest = {record.key: record for record in book.issue_records}
    new_records = [record for record in records if newest.get(record.key) != record]
    if not new_records:
        return book_data
    book_data = add_missing_sheets(book_data, schema.ADDED_SHEETS)
    return append_lines(book_data, schema.ISSUES.name, list(iter_record_rows(book, new_records)))


def iter_record_rows(book: Book, records: Sequence[IssueRecord]) -> Iterator[CellsByHeader]:
    """Yield the cells of the lines of 签发记录 by header.

    A section has the name under which the form was issued to it. The columns that people
    read come from the others, and nothing reads them.
    """
    titles = {form.key: form.title for form in (*book.issued_forms, *book.forms)}
    for record in records:
        codes = identity.split_pieces(" ".join(record.row_codes))
        texts = identity.split_pieces(_serialize(record.texts) if record.texts else "")
        pieces = list(zip_longest(codes, texts, fillvalue="")) or [("", "")]
        for number, (code_piece, text_piece) in enumerate(pieces, 1):
            title = titles.get(record.form, record.form)
            is_first = number == 1
            yield {
                "批次": record.round,
                "科室": record.issued_name or record.section,
                "表": title if is_first else f"{title}（续）",
                "签发日期": record.issued_on.isoformat(),
                "任务数": len(record.row_codes) if is_first and record.row_codes else None,
                "已带上次内容的格数": sum(map(len, record.texts.values())) if is_first else None,
                "表的代号": record.form,
                "表单版本": record.version,
                "续": number,
                "曾用名": "、".join(record.former_names) or None,
                "行码": code_piece or None,
                "下发时的值": text_piece or None,
            }


def _serialize(texts: RowTexts) -> str:
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def read_issue_records(lines: Sequence[SheetLine]) -> tuple[IssueRecord, ...]:
    """Return the records of the lines of 签发记录, oldest first; a damaged one is left out."""
    groups: list[list[SheetLine]] = []
    for line in lines:
        if line.get_text("续") in ("", "1") or not groups:
            groups.append([])
        groups[-1].append(line)
    records = (_read_record(group) for group in groups)
    return tuple(record for record in records if record)


def _read_record(lines: Sequence[SheetLine]) -> IssueRecord | None:
    first = lines[0]
    texts = _deserialize("".join(_get_exact_text(line, "下发时的值") for line in lines))
    try:
        issued_on = date.fromisoformat(first.get_text("签发日期"))
    except ValueError:
        return None
    if texts is None:
        return None
    return IssueRecord(
        round=first.get_text("批次"),
        section=first.get_text("科室"),
        form=first.get_text("表的代号"),
        issued_on=issued_on,
        version=first.get_text("表单版本"),
        row_codes=tuple("".join(_get_exact_text(line, "行码") for line in lines).split()),
        texts=texts,
        former_names=split_names(first.get_text("曾用名")),
    )


def _get_exact_text(line: SheetLine, header: str) -> str:
    """Return a text with the blanks at its ends: it may be a piece of a longer one."""
    value = line.values.get(header)
    return "" if value is None else unescape_ooxml(str(value))


def _deserialize(text: str) -> RowTexts | None:
    if not text:
        return {}
    try:
        rows: Mapping[str, Mapping[str, object]] = json.loads(text)
        return {
            str(row): {str(column): str(value) for column, value in cells.items()}
            for row, cells in rows.items()
        }
    except (ValueError, AttributeError, RecursionError):
        return None
