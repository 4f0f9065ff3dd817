"""Read and write what the office itself says: 收件登记, 更正代填 and 办理记录 of the book.

Mistakes are appended to ``errors``, as by :mod:`ledgerbook.book.reader`. A line of 更正代填
holds one cell: it is checked here by its column's type, since nobody else will ask the
office about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ledgerbook import identity
from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine, advise_on_renaming, read_date
from ledgerbook.book.package_rows import CellsByHeader, add_missing_sheets, append_lines
from ledgerbook.identity import RowOwners, map_row_owners
from ledgerbook.model import Book, Column, ColumnType, Form
from ledgerbook.model.cell_rules import NUMBER_TYPES, describe_number, is_number_allowed
from ledgerbook.model.office_entries import (
    BOOK_NAME,
    FileRegistration,
    OfficeEntry,
    OfficeNote,
)
from ledgerbook.model.problems import Place
from ledgerbook.text import fit_to_cell, format_value, normalize

_MIN_DIGEST_DIGITS = 8
_DIGEST_PATTERN = re.compile(rf"[0-9a-f]{{{_MIN_DIGEST_DIGITS},64}}")
_DATE_PATTERN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NUMBER_PATTERN = re.compile(r"-?\d+(\.\d+)?")


def read_office_sheets(
    book: Book, tables: Mapping[str, Sequence[SheetLine]], errors: list[str]
) -> Book:
    """Return ``book`` with what the lines of the three sheets, by sheet name, say."""
    return replace(
        book,
        registrations=tuple(
            _read_registration(book, line, errors) for line in tables[schema.REGISTRATIONS.name]
        ),
        office_entries=tuple(_iter_entries(book, tables[schema.OFFICE_ENTRIES.name], errors)),
        office_notes=tuple(_iter_notes(book, tables[schema.OFFICE_NOTES.name], errors)),
    )


# --- 收件登记 ---


def _read_registration(book: Book, line: SheetLine, errors: list[str]) -> FileRegistration:
    digest = normalize(line.get_text("校验值")).lower()
    file = line.get_text("文件")
    if digest and not _DIGEST_PATTERN.fullmatch(digest):
        errors.append(
            f"{line.describe_cell('校验值')}：“{line.get_text('校验值')}”不是校验值。"
            f"请照“报送情况”表里 SHA-256 一栏的前 {_MIN_DIGEST_DIGITS} 位以上写，或者只写文件名。"
        )
    if not digest and not file:
        errors.append(
            f"{line.describe_cell('文件')}：没有写是哪个文件。"
            "请照“报送情况”表里的文件名写，或清空整行。"
        )
    leaves_out = line.get_text("不采用")
    if leaves_out not in ("", schema.YES):
        errors.append(
            f"{line.describe_cell('不采用')}：“{leaves_out}”看不懂。"
            f"不采用这个文件的选“{schema.YES}”，采用的空着。"
        )
    return FileRegistration(
        file=file,
        digest=digest,
        section=_read_section(book, line, errors),
        round=_read_round(book, line, errors),
        received_on=_read_plausible_date(book, line, "收到日期", errors),
        is_left_out=bool(leaves_out),
        note=line.get_text("说明"),
        place=_get_place(line, "文件"),
    )


def _read_section(book: Book, line: SheetLine, errors: list[str]) -> str:
    section = book.resolve_section(line.get_text("科室"))
    if section and section not in book.section_names:
        errors.append(
            f"{line.describe_cell('科室')}：“{section}”不在“科室”表中。"
            f"请从下拉框中选择，或在“科室”表中补上。{advise_on_renaming(section)}"
        )
    return section


def _read_round(book: Book, line: SheetLine, errors: list[str]) -> str:
    round_ = line.get_text("批次")
    if round_ and round_ not in {one.name for one in book.rounds}:
        errors.append(
            f"{line.describe_cell('批次')}：“{round_}”不在“批次”表中。"
            "请从下拉框中选择，或在“批次”表中补上。"
        )
    return round_


def _read_plausible_date(
    book: Book, line: SheetLine, header: str, errors: list[str]
) -> date | None:
    """Return the date of a cell; one before the book's year, or long after it, is a mistake."""
    day = read_date(line, header, errors)
    first, last = date(book.year, 1, 1), date(book.year + 1, 12, 31)
    if day and not first <= day <= last:
        errors.append(
            f"{line.describe_cell(header)}：“{day}”不像是这一年的日期，"
            f"应当在 {first} 至 {last} 之间，请核对。"
        )
    return day


def _get_place(line: SheetLine, header: str) -> Place:
    return Place(BOOK_NAME, line.sheet, line.get_cell(header))


# --- 更正代填 ---


def _iter_entries(
    book: Book, lines: Sequence[SheetLine], errors: list[str]
) -> Iterator[OfficeEntry]:
    """Yield the entries of all lines without a mistake."""
    if not lines:
        return
    owners = map_row_owners(book)
    for line in lines:
        count = len(errors)
        entry = _read_entry(book, line, owners, errors)
        if entry and len(errors) == count:
            yield entry


def _read_entry(
    book: Book, line: SheetLine, owners: RowOwners, errors: list[str]
) -> OfficeEntry | None:
    section, round_ = _read_section(book, line, errors), _read_round(book, line, errors)
    day = _read_plausible_date(book, line, "日期", errors)
    if day is None and not line.get_text("日期"):
        _ask(errors, line, "日期", "写明是哪一天更正、代填的，例如 2022-12-20")
    if not round_:
        _ask(errors, line, "批次", "选择是哪一批次的填报")
    if not line.get_text("依据"):
        _ask(errors, line, "依据", "写明根据什么填的，例如“12月20日电话，李四报”")
    form = _find_form(book, line, errors)
    if form is None:
        return None
    row, section = _read_row(book, line, form, section, owners, errors)
    column = _find_column(line, form, errors)
    if column is None or day is None:
        return None
    return OfficeEntry(
        section=section,
        round=round_,
        form=form.key,
        row=row,
        column=column.key,
        value=_read_value(book, line, form, column, errors),
        ground=line.get_text("依据"),
        day=day,
        by=line.get_text("经办人"),
        place=_get_place(line, "内容"),
    )


def _ask(errors: list[str], line: SheetLine, header: str, request: str) -> None:
    errors.append(f"{line.describe_cell(header)}：“{header}”不能空着，请{request}。")


def _find_form(book: Book, line: SheetLine, errors: list[str]) -> Form | None:
    title = line.get_text("表")
    if not title:
        return book.task_form
    form = next((form for form in book.forms if form.title == title), None)
    if form is None:
        errors.append(
            f"{line.describe_cell('表')}：没有叫“{title}”的表。重点任务台账的空着；"
            "登记簿的，请照“登记簿”表里的名称写。"
        )
    return form


def _read_row(
    book: Book,
    line: SheetLine,
    form: Form,
    section: str,
    owners: RowOwners,
    errors: list[str],
) -> tuple[str, str]:
    """Return the row of ``form`` that a line is about, and its section."""
    text = line.get_text("行码")
    place = line.describe_cell("行码")
    if not text:
        request = "照“科室明细”写行码" if not form.is_register else "写这一件的识别栏目的内容"
        _ask(errors, line, "行码", request)
    elif form.is_register:
        if not section:
            _ask(errors, line, "科室", "选择是哪个科室登记的")
        if not form.identity:
            errors.append(f"{place}：“{form.title}”没有写识别栏目，认不出是哪一件，不能代填。")
        elif len(text.split("、")) != len(form.identity):
            headers = "、".join(form.get_column(key).header for key in form.identity)
            errors.append(
                f"{place}：“{text}”看不出是“{form.title}”里的哪一件。"
                f"请照这几栏的内容写，中间用顿号隔开：{headers}。"
            )
    elif text not in owners:
        errors.append(
            f"{place}：没有行码“{text}”。请照“科室明细”或报送表里的行码写，例如 T03-ABCDE。"
        )
    else:
        owner = owners[text]
        if section and section != owner.section:
            is_former = owner.section in book.former_sections
            hint = advise_on_renaming(owner.section) if is_former else ""
            errors.append(
                f"{place}：行码“{text}”是“{owner.section}”的，不是“{section}”的，请核对。{hint}"
            )
        return owner.task.code, owner.section
    return text, section


def _find_column(line: SheetLine, form: Form, errors: list[str]) -> Column | None:
    header = line.get_text("栏目")
    column = next(
        (c for c in form.answer_columns if normalize(c.header) == normalize(header)), None
    )
    if column is None:
        headers = "、".join(c.header for c in form.answer_columns)
        errors.append(
            f"{line.describe_cell('栏目')}：“{header}”不是“{form.title}”里科室填写的栏目。"
            f"请从这些栏目中选择：{headers}。"
        )
    return column


def _read_value(
    book: Book, line: SheetLine, form: Form, column: Column, errors: list[str]
) -> str | date | float | None:
    """Return the value for ``column``, None where it is to be cleared; others are mistakes."""
    text, header = line.get_text("内容"), "内容"
    if text == schema.CLEAR_WORD:
        return None
    refusal = ""
    value: str | date | float | None = None
    if not text:
        _ask(errors, line, header, f"写这一格的内容；要空着的，写“{schema.CLEAR_WORD}”")
    elif column.kind is ColumnType.DATE:
        value = _read_day(line.values.get(header), text)
        first, last = book.register_window if form.is_register else book.date_window
        if value is None:
            refusal = "它要填日期，请写成 2022-11-30 的样子"
        elif not first <= value <= last:
            refusal = f"日期应当在 {first} 至 {last} 之间，请核对"
    elif column.kind in NUMBER_TYPES:
        value = _read_number(column, text)
        refusal = f"它要填{describe_number(column)}，请改正" if value is None else ""
    elif column.kind is ColumnType.CHOICE:
        choices = form.get_choice_list(column).values
        value = next((one for one in choices if normalize(one) == normalize(text)), None)
        refusal = f"它只能填这些：{'、'.join(choices)}" if value is None else ""
    else:
        value = text
        if column.max_length and len(text) > column.max_length:
            refusal = f"它有 {len(text)} 字，最多 {column.max_length} 字，请写短一些"
    if refusal:
        errors.append(
            f"{line.describe_cell(header)}：“{text[:60]}”不能填在“{column.header}”里，{refusal}。"
        )
    return value


def _read_number(column: Column, text: str) -> float | None:
    """Return a number that ``column`` allows; None for anything else."""
    typed = normalize(text)
    value = float(typed) if _NUMBER_PATTERN.fullmatch(typed) else None
    return value if value is not None and is_number_allowed(column, value) else None


def _read_day(value: object, text: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE_PATTERN.fullmatch(normalize(text))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


# --- 办理记录 ---


def _iter_notes(book: Book, lines: Sequence[SheetLine], errors: list[str]) -> Iterator[OfficeNote]:
    """Yield the notes of all lines; those on rows of a renamed section under its present name."""
    present_codes = identity.map_former_codes(book) if lines else {}
    for line in lines:
        # Whoever clears a line sees nothing of its hidden cells.
        if not any(map(line.get_text, ("日期", "项目", "内容"))):
            continue
        code, item = line.get_text("行码"), line.get_text("项目")
        value = line.values.get("日期")
        day = _read_day(value, line.get_text("日期"))
        if day is None or not code or not item:
            errors.append(
                f"{line.describe_cell('日期')}：办理记录的这一行不全（日期、项目和隐藏的行码都要有），"
                "可能被改动过。请恢复，或清空整行。"
            )
            continue
        text = line.get_text("内容")
        code = identity.find_present_code(book, code, present_codes)
        place = _get_place(line, "项目")
        yield OfficeNote(day, code, item, text, line.get_text("答复校验"), place)


def append_office_notes(book_data: bytes, book: Book, notes: Sequence[OfficeNote]) -> bytes:
    """Return the bytes of the book with ``notes`` at the end of 办理记录.

    A book of an earlier version gets the sheet. Raises InputError for one that cannot be read.
    """
    rows = build_note_rows(book, notes)
    book_data = add_missing_sheets(book_data, schema.ADDED_SHEETS)
    return append_lines(book_data, schema.OFFICE_NOTES.name, rows)


# --- rows ---


def build_note_rows(book: Book, notes: Sequence[OfficeNote]) -> list[CellsByHeader]:
    """Return the cells of the lines of 办理记录 by header.

    Section and task are there for people; what the note is about is known by its code.
    """
    owners = map_row_owners(book) if notes else {}
    return [_build_note_row(book, note, owners) for note in notes]


def _build_note_row(book: Book, note: OfficeNote, owners: RowOwners) -> CellsByHeader:
    section, subject = _describe_note_subject(book, note.code, owners)
    return {
        "日期": note.day.isoformat(),
        "科室": section or None,
        "任务或登记": subject,
        "项目": note.item,
        "内容": fit_to_cell(note.text) or None,
        "行码": note.code,
        "答复校验": note.fingerprint or None,
    }


def _describe_note_subject(book: Book, code: str, owners: RowOwners) -> tuple[str, str]:
    """Return section and subject in words of a note's code; the code of what is unknown."""
    if owner := owners.get(code):
        return owner.section, f"任务 {owner.task.number}"
    if parts := identity.split_entry_code(book, code):
        form_key, section, entry = parts
        form = book.find_form(form_key)
        return section, f"{form.title if form else form_key}：{entry}"
    return "", code


def build_registration_rows(book: Book) -> list[tuple[str | date | None, ...]]:
    return [
        (
            one.file,
            one.digest,
            one.section,
            one.round,
            one.received_on,
            schema.YES if one.is_left_out else "",
            one.note,
        )
        for one in book.registrations
    ]


def build_entry_rows(book: Book) -> list[tuple[str | date | None, ...]]:
    return [_build_entry_row(book, entry) for entry in book.office_entries]


def _build_entry_row(book: Book, entry: OfficeEntry) -> tuple[str | date | None, ...]:
    form = book.find_form(entry.form) or book.task_form
    tasks = {task.code: task for task in (*book.tasks, *book.retired_tasks)}
    task = None if form.is_register else tasks.get(entry.row)
    return (
        entry.section,
        entry.round,
        form.title if form.is_register else "",
        identity.make_row_code(book, task, entry.section) if task else entry.row,
        form.get_column(entry.column).header,
        schema.CLEAR_WORD if entry.value is None else format_value(entry.value),
        entry.ground,
        entry.day,
        entry.by,
    )
