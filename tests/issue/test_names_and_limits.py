"""Names and texts that Excel does not take as they are: right in the workbook, or adapted."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from ledgerbook import identity
from ledgerbook.forms import load_factory_forms
from ledgerbook.identity import OutputKind
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.issue.cover_note_document import write_notice
from ledgerbook.issue.hidden_sheets import build_choices_name
from ledgerbook.issue.workbook import issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import (
    Assignment,
    Book,
    ColumnType,
    Condition,
    ConditionKind,
    Form,
    Role,
    Round,
    Section,
    Task,
)
from ledgerbook.summary import write_summary
from ledgerbook.text import count_utf16_units
from tests.support.books import AS_OF, ISSUED_ON, KEY, fill, issued, make_book
from tests.support.excel_rules import is_valid_defined_name, is_valid_sheet_name

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

EMOJI = "😀"
REGISTER = next(form for form in load_factory_forms() if form.key == "applications")
SECTIONS = (
    "综合科",
    "O'Brien科",
    "依申请'公开'台账",
    "'引号'",
    EMOJI * 31,
    EMOJI * 32,
    "TRUE",
    "False",
    "History",
    "填表说明",
    "登记簿填表说明",
    "需要改正的地方",
    "_ledgerbook",
    "_选项",
    "_工作日",
    "总台账",
    "签发清单",
    "R1C1",
    "A1",
    "甲[1]/乙:丙?",
    f"{'长' * 30}'短",
    REGISTER.title,
)


def named_book(*registers: Form, sections: tuple[str, ...] = SECTIONS, **changes: object) -> Book:
    """Return a book whose sections all have one task and all ``registers``."""
    keys = tuple(register.key for register in registers)
    base = make_book()
    units = tuple(Assignment(section, Role.IMPLEMENT) for section in sections)
    facts: dict[str, object] = {
        "office": sections[0],
        "sections": tuple(Section(name, register_keys=keys) for name in sections),
        "tasks": (Task("T01", 1, "要求", "要点", "措施。", "各科室", parsed_assignments=units),),
        "forms": (base.task_form, *registers),
    }
    return make_book(**{**facts, **changes})


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def references(data: bytes) -> Iterator[str]:
    """Yield every name of a sheet to which a defined name, print title or link refers."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        text = "".join(
            package.read(name).decode()
            for name in package.namelist()
            if name == "xl/workbook.xml" or name.startswith("xl/worksheets/sheet")
        )
    found = re.findall(r"<definedName [^>]*>([^<]+)<|<hyperlink [^>]*location=\"([^\"]+)\"", text)
    for reference in (one or other for one, other in found):
        for part in reference.replace("&apos;", "'").replace("&amp;", "&").split(","):
            quoted = re.fullmatch(r"'((?:[^']|'')+)'!.+", part)
            plain = re.fullmatch(r"([^'!]+)!.+", part)
            assert quoted or plain, part
            yield quoted[1].replace("''", "'") if quoted else plain[1]  # type: ignore[index]


@pytest.mark.slow
def test_every_name_gives_sound_workbooks() -> None:
    """Sheets have distinct names that Excel accepts, and every reference names one."""
    book = named_book(dataclasses.replace(REGISTER, key="a-b"))
    files = issue_round(book, book.rounds[0], ISSUED_ON)
    assert len(files) == len(SECTIONS) + 2
    for file in files:
        workbook = opened(file.data)
        names = workbook.sheetnames
        assert all(map(is_valid_sheet_name, names)), names
        assert len({name.casefold() for name in names}) == len(names)
        assert CalamineWorkbook.from_filelike(io.BytesIO(file.data)).sheet_names == names
        assert set(references(file.data)) <= set(names)
        assert all(map(is_valid_defined_name, workbook.defined_names))
        assert count_utf16_units(workbook.properties.keywords or "") <= 255


@pytest.mark.parametrize("section", SECTIONS)
def test_a_return_is_known_whatever_its_section_is_called(section: str) -> None:
    """What the section fills comes back as its answer, its register's sheet as well."""
    book = named_book(dataclasses.replace(REGISTER, key="a-b"))
    data = fill(issued(book, section), {"T01": {"status": "已完成", "result": "已办。"}})
    read = read_return("交回.xlsx", data, ReadContext(book, AS_OF))
    ledger = merge_returns(book, [read], AS_OF)
    (row,) = (row for row in ledger.assignment_results if row.section == section)
    assert row.get_text("result") == "已办。"


@pytest.mark.parametrize("section", ["O'Brien科", "依申请'公开'台账", "TRUE", EMOJI * 31])
def test_links_of_corrections_lead_to_the_cells(section: str) -> None:
    """The list of corrections links to a cell of the section's sheet."""
    book = named_book(sections=(section,))
    data = fill(issued(book, section), {"T01": {"status": "差不多"}})
    read = read_return("交回.xlsx", data, ReadContext(book, AS_OF))
    (sent_back,) = build_corrections(merge_returns(book, [read], AS_OF))
    workbook = opened(sent_back.data)
    links = [cell.hyperlink for row in workbook.worksheets[0] for cell in row if cell.hyperlink]
    assert links
    assert set(references(sent_back.data)) <= set(workbook.sheetnames)
    sheet = workbook.sheetnames[1]
    assert all(
        link.location.startswith(f"'{sheet.replace(chr(39), chr(39) * 2)}'!") for link in links
    )


def test_a_key_with_a_hyphen_keeps_its_drop_downs() -> None:
    """Each drop-down of register ``a-b`` refers to a defined name that has its choices."""
    register = dataclasses.replace(REGISTER, key="a-b")
    book = named_book(register, sections=("综合科",))
    (file, *_) = issue_round(book, book.rounds[0], ISSUED_ON)
    workbook = opened(file.data)
    lists = {
        rule.formula1
        for rule in workbook[register.title].data_validations.dataValidation
        if rule.type == "list" and rule.formula1 != '"是"'
    }
    choice_columns = [one for one in register.columns if one.kind is ColumnType.CHOICE]
    assert lists == {build_choices_name(register, one.key) for one in choice_columns}
    for column in choice_columns:
        reference = workbook.defined_names[build_choices_name(register, column.key)].attr_text
        sheet, _, cells = reference.rpartition("!")
        values = [row[0].value for row in workbook[sheet.strip("'")][cells.replace("$", "")]]
        assert tuple(values) == register.get_choice_list(column).values


def test_registers_of_any_title_and_key_reach_the_summary() -> None:
    """A register called like a sheet of the summary, with a hyphen in its key."""
    titles = ("总览", "_汇总", "O'Brien台账", "TRUE", EMOJI * 31)
    registers = [
        dataclasses.replace(REGISTER, key=f"a-{number}", title=title)
        for number, title in enumerate(titles)
    ]
    book = named_book(*registers, sections=("综合科",))
    data = write_summary(merge_returns(book, [], AS_OF))
    names = opened(data).sheetnames
    assert all(map(is_valid_sheet_name, names))
    assert set(references(data)) <= set(names)


def long_form(header: str, prompt: str, choice: str) -> Form:
    """Return the task ledger with long texts in every answer column."""
    form = make_book().task_form
    columns = tuple(
        dataclasses.replace(
            column,
            header=f"{column.header}{header}"[: -len(column.header) or None],
            prompt=prompt,
            example=EMOJI * 400,
        )
        if column in form.answer_columns
        else column
        for column in form.columns
    )
    lists = tuple(
        dataclasses.replace(
            one,
            choices=tuple(
                dataclasses.replace(each, value=f"{each.value}{choice}") for each in one.choices
            ),
        )
        for one in form.choice_lists
    )
    always = (Condition(ConditionKind.ALWAYS),)
    required = tuple(dataclasses.replace(column, required=always) for column in columns)
    return dataclasses.replace(form, columns=required, choice_lists=lists)


def test_the_longest_texts_that_the_book_may_have() -> None:
    """Headers of 255 units, prompts of 127 emoji and long choices are written whole."""
    form = long_form("长" * 255, EMOJI * 127, "~" * 100)
    book = dataclasses.replace(named_book(sections=("综合科",)), forms=(form,))
    (file, *_) = issue_round(book, book.rounds[0], ISSUED_ON)
    for rule in opened(file.data)["综合科"].data_validations.dataValidation:
        assert count_utf16_units(rule.promptTitle or "") <= 32
        assert count_utf16_units(rule.prompt or "") <= 255
        assert count_utf16_units(rule.error or "") <= 255
    write_summary(merge_returns(book, [], AS_OF))


def test_long_names_of_rounds_fit_the_keywords() -> None:
    """Workbooks and the notice say what they are; what does not fit is left out."""
    rounds = (Round("批" * 300, None),)
    book = named_book(sections=("综合科", "法规科"), rounds=rounds, agency="局" * 300)
    for file in issue_round(book, rounds[0], ISSUED_ON):
        properties = opened(file.data).properties
        assert count_utf16_units(properties.title or "") <= 255
        assert count_utf16_units(properties.keywords or "") <= 255
        assert identity.parse_kind(properties.keywords or "")
    assert write_notice(CoverNote(book, rounds[0], ISSUED_ON))


def test_the_master_is_called_as_before() -> None:
    """A section called 总台账 does not take the place of the office's own file."""
    book = named_book()
    names = [file.name for file in issue_round(book, book.rounds[0], ISSUED_ON)]
    assert len(set(names)) == len(names)
    assert f"{OutputKind.MASTER}.xlsx" in names
    assert book.key == KEY
