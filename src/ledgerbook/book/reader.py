"""Read 台账.xlsx into a Book, and report all mistakes in it at once.

The functions append mistakes to ``errors``, as Chinese sentences with sheet, cell and
what to do, and go on with a harmless value; :func:`read_book` raises them together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook import identity
from ledgerbook.book import revisions, schema
from ledgerbook.book.assignments import (
    SectionNames,
    collect_aliases,
    read_assignments,
    read_unit_decisions,
)
from ledgerbook.book.derived_cells import StaleCells, find_stale_cells
from ledgerbook.book.detection import refuse_other_file
from ledgerbook.book.form_tables import read_forms, read_section_registers
from ledgerbook.book.issue_records import read_issue_records
from ledgerbook.book.issued_forms import read_issued_forms
from ledgerbook.book.lines import (
    SheetLine,
    advise_on_renaming,
    open_book,
    read_date,
    read_sheet_lines,
    split_names,
)
from ledgerbook.book.office_sheets import read_office_sheets
from ledgerbook.book.reference_figures import read_reference_figures
from ledgerbook.book.reminder_records import read_reminders
from ledgerbook.book.schema import HEADER_ROW
from ledgerbook.book.settled_questions import settle_questions
from ledgerbook.errors import InputError
from ledgerbook.excel.limits import MAX_NAME, describe_excess
from ledgerbook.model import (
    AssignmentOverride,
    Book,
    Form,
    PaperSize,
    Question,
    Role,
    Round,
    Section,
    Task,
)
from ledgerbook.model.issued_values import IssueRecord
from ledgerbook.plan import (
    format_task_code,
    parse_deadline,
)

if TYPE_CHECKING:
    from openpyxl import Workbook


VALID_YEARS = range(2000, 2101)


def read_book(path: Path) -> Book:
    """Read the book.

    Raises FileError when it cannot be opened, and InputError for a file that is no book, or
    with all mistakes when something in it must be corrected first.
    """
    book, _ = _read_book_and_tables(path)
    return book


def read_book_and_stale_cells(path: Path) -> tuple[Book, StaleCells]:
    """Read the book, and find the cells that are out of date. Raises as :func:`read_book`."""
    book, tables = _read_book_and_tables(path)
    return book, find_stale_cells(book, tables)


def _read_book_and_tables(path: Path) -> tuple[Book, Mapping[str, Sequence[SheetLine]]]:
    refuse_other_file(path)
    workbook = open_book(path)
    errors: list[str] = []
    tables = {sheet.name: read_sheet_lines(workbook, sheet, errors) for sheet in schema.SHEETS}
    hidden_facts = _read_hidden_facts(workbook, errors)
    # A missing sheet or column would cause misleading follow-up messages.
    _raise_errors(path, errors)
    book = _rename_issued_sections(_build_book(tables, hidden_facts, errors))
    _raise_errors(path, errors)
    book = read_office_sheets(book, tables, errors)
    _raise_errors(path, errors)
    book = replace(book, reminders=tuple(read_reminders(book, tables[schema.REMINDERS.name])))
    return settle_questions(book), tables


def _raise_errors(path: Path, errors: Sequence[str]) -> None:
    """Raise InputError with all mistakes, if there are any."""
    if errors:
        headline = f"台账“{path.name}”有 {len(errors)} 处需要先改正，改好保存后再运行："
        raise InputError(headline, errors, code="book-invalid", path=path)


def _read_hidden_facts(workbook: Workbook, errors: list[str]) -> dict[str, str]:
    """Return the facts of the hidden sheet: its first column → its second."""
    if identity.MARK_SHEET not in workbook.sheetnames:
        errors.append(
            f"台账里隐藏的工作表“{identity.MARK_SHEET}”不见了，没有它认不出已发出的表。"
            "请从备份中恢复台账。"
        )
        return {}
    sheet = workbook[identity.MARK_SHEET]
    return {
        str(name): str(value)
        for name, value in sheet.iter_rows(max_col=2, values_only=True)
        if name is not None
    }


def _build_book(
    tables: Mapping[str, Sequence[SheetLine]],
    hidden_facts: Mapping[str, str],
    errors: list[str],
) -> Book:
    """Build the book from the lines of all sheets, by sheet name, and the hidden facts."""
    all_forms = tuple(read_forms(tables, errors))
    sections = _read_sections(tables[schema.SECTIONS.name], all_forms[1:], errors)
    names = tuple(section.name for section in sections)
    aliases = collect_aliases(sections, tables[schema.SECTIONS.name], errors)
    own_names = {name: name for name in names}
    # The names come first, in their order, and are no short names of others.
    present_names = {**own_names, **aliases, **own_names}
    basics = _read_basics(tables[schema.BASICS.name], present_names, errors)
    rounds = _read_rounds(tables[schema.ROUNDS.name], errors)
    overrides = _read_overrides(tables[schema.MATRIX.name], present_names, errors)
    retired_tasks = revisions.read_retired_tasks(tables[schema.RETIRED.name], present_names)
    year = int(basics["year"] or 0)
    retired_codes = tuple(task.code for task in retired_tasks)
    task_lines = tables[schema.TASKS.name]
    line_codes = [line.get_text("编码") for line in task_lines]
    line_order = schema.CodeOrder(line_codes)
    decisions = read_unit_decisions(tables[schema.QUESTIONS.name], line_order)
    context = _TaskContext(SectionNames(names, aliases, decisions), overrides, retired_codes, year)
    tasks = _read_tasks(task_lines, context, errors)
    order = schema.CodeOrder(task.code for task in tasks)
    return Book(
        agency=basics["agency"],
        year=year,
        office=basics["office"],
        plan_title=basics["plan_title"],
        paper=PaperSize(basics["paper"].upper()),
        book_id=hidden_facts.get(schema.ID_LABEL, ""),
        key=hidden_facts.get(schema.KEY_LABEL, ""),
        sections=sections,
        rounds=rounds,
        tasks=tasks,
        forms=all_forms,
        questions=tuple(_read_questions(tables[schema.QUESTIONS.name], order)),
        issued_forms=read_issued_forms(hidden_facts),
        retired_tasks=retired_tasks,
        original_wordings=revisions.read_original_wordings(hidden_facts),
        revisions=revisions.read_revisions(tables[schema.REVISIONS.name]),
        issue_records=read_issue_records(tables[schema.ISSUES.name]),
        reference_figures=tuple(read_reference_figures(tables[schema.REFERENCE.name], errors)),
        work_name=basics["work_name"],
    )


def _rename_issued_sections(book: Book) -> Book:
    """Return ``book`` with what was issued to renamed sections under their present names."""
    return replace(
        book, issue_records=tuple(_rename_section(book, record) for record in book.issue_records)
    )


def _rename_section(book: Book, record: IssueRecord) -> IssueRecord:
    name = book.resolve_section(record.section)
    return (
        record
        if name == record.section
        else replace(record, section=name, issued_name=record.section)
    )


def _read_basics(
    lines: Sequence[SheetLine], present_names: Mapping[str, str], errors: list[str]
) -> dict[str, str]:
    """Return the texts of 基本信息 by attribute of Book; a year that is none is blank.

    ``present_names`` maps every name and short name of a section to its name.
    """
    lines_by_label = {line.get_text("项目"): line for line in lines}
    values: dict[str, str] = {}
    for label, (attribute, _) in schema.BASIC_ITEMS.items():
        line = lines_by_label.get(label)
        values[attribute] = line.get_text("内容") if line else ""
        if attribute in schema.BASIC_DEFAULTS and not values[attribute]:
            values[attribute] = schema.BASIC_DEFAULTS[attribute]
        elif line is None:
            errors.append(f"工作表“基本信息”少了“{label}”这一行，请恢复。")
        elif attribute == "year" and not _is_year(values[attribute]):
            errors.append(f"{line.describe_cell('内容')}：年度要填四位数字，例如 2022。")
            values[attribute] = ""
        elif attribute == "office" and values[attribute] in present_names:
            values[attribute] = present_names[values[attribute]]
        elif attribute == "office":
            errors.append(
                f"{line.describe_cell('内容')}：综合协调科室“{values[attribute]}”"
                "不在“科室”表中。请改成“科室”表中的名称，或在“科室”表中补上。"
                f"{advise_on_renaming(values[attribute])}"
            )
        elif attribute == "paper" and values[attribute].upper() not in set(PaperSize):
            errors.append(
                f"{line.describe_cell('内容')}：纸张“{values[attribute]}”看不懂，"
                f"请写 {' 或 '.join(PaperSize)}。"
            )
            values[attribute] = PaperSize.A4
        elif attribute == "agency" and not values[attribute]:
            errors.append(f"{line.describe_cell('内容')}：机关名称不能空着，请填写。")
        elif attribute == "agency" and (excess := describe_excess(values[attribute], MAX_NAME)):
            errors.append(f"{line.describe_cell('内容')}：机关名称{excess}")
    return values


def _is_year(text: str) -> bool:
    return text.isdecimal() and int(text) in VALID_YEARS


def _read_sections(
    lines: Sequence[SheetLine], registers: Sequence[Form], errors: list[str]
) -> tuple[Section, ...]:
    """Read the lines of 科室; ``registers`` are the forms of all registers."""
    sections = [
        Section(
            name=line.get_text("科室名称"),
            contact=line.get_text("联系人"),
            phone=line.get_text("联系电话"),
            email=line.get_text("电子邮箱"),
            note=line.get_text("备注"),
            aliases=split_names(line.get_text("简称")),
            register_keys=read_section_registers(line, registers, errors),
        )
        for line in lines
        if line.get_text("科室名称")
    ]
    _check_names(lines, "科室名称", errors)
    if not sections:
        errors.append("工作表“科室”一个科室也没有，请至少填一个。")
    return tuple(sections)


def _check_names(lines: Sequence[SheetLine], header: str, errors: list[str]) -> None:
    """Check that names are present, unique and free of the separators of sheet marks."""
    counts = Counter(line.get_text(header) for line in lines)
    for line in lines:
        name = line.get_text(header)
        if not name:
            errors.append(f"{line.describe_cell(header)}：{header}不能空着，请填写或清空整行。")
        elif counts[name] > 1:
            errors.append(f"{line.describe_cell(header)}：“{name}”重复了，请删去一个或改名。")
        elif set("|;\n") & set(name):
            errors.append(f"{line.describe_cell(header)}：名称里不能有竖线、分号或换行，请改名。")
        elif excess := describe_excess(name, MAX_NAME):
            errors.append(f"{line.describe_cell(header)}：{header}{excess}")


def _read_rounds(lines: Sequence[SheetLine], errors: list[str]) -> tuple[Round, ...]:
    """Read the lines of 批次."""
    _check_names(lines, "批次名称", errors)
    if not lines:
        errors.append("工作表“批次”一个批次也没有，请至少填一个，例如“年度”。")
    return tuple(
        Round(
            line.get_text("批次名称"),
            read_date(line, "报送截止日期", errors),
            line.get_text("说明"),
        )
        for line in lines
    )


@dataclass(frozen=True, slots=True)
class _TaskContext:
    """The parts of other sheets that are needed to read the tasks.

    ``overrides`` are by task code; the office's new tasks get none of ``retired_codes``.
    """

    section_names: SectionNames
    overrides: Mapping[str, tuple[AssignmentOverride, ...]]
    retired_codes: tuple[str, ...]
    year: int


def _read_tasks(
    lines: Sequence[SheetLine], context: _TaskContext, errors: list[str]
) -> tuple[Task, ...]:
    """Read the lines of 任务; a task without a code, which the office has added, gets one."""
    tasks: list[Task] = []
    first_lines: dict[str, SheetLine] = {}
    used_codes = {*context.retired_codes, *(line.get_text("编码") for line in lines)}
    for line in lines:
        number = _read_task_number(line, errors)
        code = line.get_text("编码") or _make_unused_task_code(number, used_codes)
        for header, cell_text in (("序号", str(number)), ("编码", code)):
            first_line = first_lines.setdefault(f"{header}{cell_text}", line)
            if first_line is not line and number:
                errors.append(
                    f"{line.describe_cell(header)}：{header} {cell_text}"
                    f" 与第 {first_line.row} 行重复了，"
                    "请改成不同的。"
                )
        tasks.append(
            Task(
                code=code,
                number=number,
                requirement=line.get_text("工作要求"),
                point=line.get_text("工作要点"),
                measure=line.get_text("计划措施"),
                units=line.get_text("责任单位"),
                deadline_text=line.get_text("时限"),
                due=read_date(line, "完成期限", errors),
                parsed_assignments=read_assignments(line, code, context.section_names, errors),
                assignment_overrides=context.overrides.get(code, ()),
                note=line.get_text("备注"),
                parsed_deadline=parse_deadline(line.get_text("时限"), context.year),
            )
        )
    if not tasks:
        errors.append("工作表“任务”一项任务也没有。")
    return tuple(tasks)


def _make_unused_task_code(number: int, used_codes: Collection[str]) -> str:
    """Return a code that no task has or had: T07, else T07B1, T07B2 and so on."""
    code = format_task_code(number)
    suffixes = chain([""], (f"B{n}" for n in count(1)))
    return next(code + suffix for suffix in suffixes if code + suffix not in used_codes)


def _read_task_number(line: SheetLine, errors: list[str]) -> int:
    """Return 序号 as a number of 1 or more; 0 for a mistake."""
    text = line.get_text("序号")
    if text.isdecimal() and int(text) > 0:
        return int(text)
    errors.append(f"{line.describe_cell('序号')}：序号“{text}”不是大于 0 的整数，请改正。")
    return 0


def _read_overrides(
    lines: Sequence[SheetLine], present_names: Mapping[str, str], errors: list[str]
) -> dict[str, tuple[AssignmentOverride, ...]]:
    """Return, by task code, the cells of 分工 that differ from the hidden parsed roles.

    ``present_names`` as for :func:`_read_basics`.
    """
    fixed_headers = {field.header for field in schema.MATRIX.columns}
    overrides_by_code: dict[str, tuple[AssignmentOverride, ...]] = {}
    headers = [
        header for header in (lines[0].columns if lines else ()) if header not in fixed_headers
    ]
    section_headers = _map_section_headers(
        [header for header in headers if not header.startswith(schema.PARSED_PREFIX)],
        present_names,
        errors,
    )
    for line in lines:
        overrides = []
        for section, header in section_headers.items():
            roles_text = line.get_text(header)
            if roles_text != line.get_text(schema.PARSED_PREFIX + header):
                overrides.append(AssignmentOverride(section, _parse_roles(line, header, errors)))
        overrides_by_code[line.get_text("编码")] = tuple(overrides)
    return overrides_by_code


def _map_section_headers(
    headers: Sequence[str], present_names: Mapping[str, str], errors: list[str]
) -> dict[str, str]:
    """Return section → header of its column on 分工, in the order of the sections."""
    headers_by_section: dict[str, str] = {}
    for header in headers:
        place, section = f"工作表“分工”第 {HEADER_ROW} 行", present_names.get(header, "")
        if not section:
            errors.append(
                f"{place}：科室“{header}”不在“科室”表中。请在“科室”表中补上，或改正这里的名称。"
                f"{advise_on_renaming(header)}"
            )
        elif other_header := headers_by_section.get(section):
            errors.append(
                f"{place}：“{other_header}”和“{header}”是同一个科室，却各有一栏。请删去一栏。"
            )
        else:
            headers_by_section[section] = header
    sections = dict.fromkeys(present_names.values())
    return {name: headers_by_section[name] for name in sections if name in headers_by_section}


def _parse_roles(line: SheetLine, section: str, errors: list[str]) -> tuple[Role, ...]:
    """Parse the roles in a cell of 分工, in the order of Role; none for 无."""
    text = line.get_text(section)
    if text in ("", schema.NO_ROLE):
        return ()
    words = re.split("[、,\uff0c]", text)
    unknown_words = [word for word in words if word.strip() not in list(Role)]
    if unknown_words:
        errors.append(
            f"{line.describe_cell(section)}：职责“{text}”看不懂。"
            f"请从下拉框中选择（{'、'.join(Role)}，或“{schema.NO_ROLE}”）。"
        )
        return ()
    roles = {Role(word.strip()) for word in words}
    return tuple(role for role in Role if role in roles)


def _read_questions(lines: Sequence[SheetLine], order: schema.CodeOrder) -> Iterator[Question]:
    """Yield the questions of 待确认; ``order`` is that of the tasks' codes."""
    for line in lines:
        task_codes = schema.parse_code_ranges(line.get_text("任务编码"), order)
        texts = [line.get_text(field.header) for field in schema.QUESTIONS.columns[1:]]
        yield Question(task_codes, *texts)
