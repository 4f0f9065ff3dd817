"""Compare the names that people see on a return with the section whose marks it bears.

The name of the file, those of its sheets, and the line above a table that names section and
round decide nothing: people change them first. But a return whose marks are of one section
and whose names are of another may be the wrong form, filled in by mistake. One such name is
told, several must be looked into; a line of 收件登记 with a section settles it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.identity import OutputKind
from ledgerbook.intake.claims import Owner
from ledgerbook.intake.identify import Identification, ReturnRegister, ReturnSheet, has_answers
from ledgerbook.issue.layout import SECTION_LABEL
from ledgerbook.model import Book, Section
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import normalize

# A shorter name, such as 法, is in too many words.
_MIN_NAME_LENGTH = 2
# A name that begins with a number is not meant after another digit, as 一科 in 十一科; one after
# a word of sending is that of the receiver; 综合科室 is not 综合科.
_NUMERALS = "0-9A-Za-z一二三四五六七八九十"
_NOT_BEFORE, _NOT_AFTER = "(?<![报送致交给呈])", "(?!室)"
# The line above a table, without blanks: 填报科室:甲科批次:年度报送截止:2022年12月15日
_INFO_LINE = re.compile(
    normalize(SECTION_LABEL) + "(?P<section>.*?)(?:批次:(?P<round>.*?))?(?:报送截止:.*)?",
    re.DOTALL,
)

_AnySheet = ReturnSheet | ReturnRegister


def report_other_names(
    file: str,
    identification: Identification,
    book: Book,
    registered: Owner,
    silent_sections: Collection[str],
) -> Iterator[Problem]:
    """Report each section of a file whose sheets or file have names of another section.

    Sheets without an answer, such as those of others in 总台账 (``silent_sections``), do not
    count, and the name of the file must be of none of its sections.
    """
    all_sheets: tuple[_AnySheet, ...] = (*identification.sheets, *identification.registers)
    sheets: dict[str, list[_AnySheet]] = {}
    for sheet in all_sheets:
        section = sheet.mark.section
        is_nil_return = isinstance(sheet, ReturnSheet) and sheet.is_nil_return
        if section not in silent_sections and (is_nil_return or has_answers(sheet)):
            sheets.setdefault(section, []).append(sheet)
    file_section = find_named_section(PurePosixPath(file).stem, book)
    is_file_other = bool(file_section) and file_section not in sheets
    for section, section_sheets in sheets.items():
        clauses = [f"文件名写的是“{file_section}”"] if is_file_other else []
        clauses += _describe_sections(section_sheets, book)
        # What is registered has been looked into.
        clauses = [] if registered.section else clauses
        clauses += [] if registered.round else _describe_rounds(section_sheets, book)
        if clauses:
            code = "name-differs" if len(clauses) == 1 else "names-differ"
            values = {"section": section, "names": "；".join(clauses)}
            yield Problem(code, Place(file, section_sheets[0].raw.name), values, section)


def _describe_sections(sheets: list[_AnySheet], book: Book) -> Iterator[str]:
    """Yield a clause for each kind of name on a section's sheets that is another section's."""
    clauses: dict[str, str] = {}
    for sheet in sheets:
        name, section = sheet.raw.name, sheet.mark.section
        if find_named_section(name, book) not in ("", section):
            clauses.setdefault("tab", f"工作表的名称是“{name}”")
        cell, named = _read_info_line(sheet, book)
        if named.section not in ("", section):
            clause = f"工作表“{name}”{cell} 格的填报科室写的是“{named.section}”"
            clauses.setdefault("cell", clause)
        if isinstance(sheet, ReturnSheet) and sheet.other_owner:
            clause = f"工作表“{name}”所在的文件里隐藏的识别信息写的是{sheet.other_owner}"
            clauses.setdefault("workbook", clause)
    yield from clauses.values()


def _describe_rounds(sheets: list[_AnySheet], book: Book) -> Iterator[str]:
    """Yield a clause for the first sheet above whose table another round is named."""
    for sheet in sheets:
        cell, named = _read_info_line(sheet, book)
        if named.round not in ("", sheet.mark.round):
            yield (
                f"工作表“{sheet.raw.name}”{cell} 格的批次写的是“{named.round}”，"
                f"识别信息是“{sheet.mark.round}”的"
            )
            return


def _read_info_line(sheet: _AnySheet, book: Book) -> tuple[str, Owner]:
    """Return the cell of the line that names section and round, and whom it names."""
    for cell, value in _list_cells_above(sheet):
        if match := _INFO_LINE.fullmatch(normalize(value)):
            section = find_named_section(match["section"], book)
            rounds = [r.name for r in book.rounds if normalize(r.name) == match["round"]]
            return format_cell_reference(cell), Owner(section, rounds[0] if rounds else "")
    return "", Owner()


def _list_cells_above(sheet: _AnySheet) -> Iterator[tuple[CellPosition, str]]:
    """Yield the cells above the table that contain text."""
    for cell, value in sheet.raw.cells.items():
        if cell[0] < sheet.columns.first_row and isinstance(value, str):
            yield cell, value


def find_named_section(text: str, book: Book) -> str:
    """Return the only section of the book that ``text`` names; blank if not exactly one.

    Where one name contains another the longer one counts. What is in every name of a file, such
    as the agency or the title of the form, names no section.
    """
    titles = (form.title for form in book.forms)
    common_text = normalize("、".join((book.agency, book.plan_title, *titles, *OutputKind)))
    names = _map_names(book.sections, common_text)
    sections: set[str] = set()
    for match in _compile_names(tuple(names)).finditer(normalize(text).casefold()):
        sections |= names[match[0]]
    return sections.pop() if len(sections) == 1 else ""


@lru_cache(maxsize=4)
def _map_names(sections: tuple[Section, ...], common_text: str) -> dict[str, frozenset[str]]:
    """Return the sections by each name that they have, longest name first."""
    names: dict[str, set[str]] = {}
    for section in sections:
        for name in (section.name, *section.aliases):
            text = normalize(name)
            if len(text) >= _MIN_NAME_LENGTH and text not in common_text:
                names.setdefault(text.casefold(), set()).add(section.name)
    ordered = sorted(names, key=len, reverse=True)
    return {name: frozenset(names[name]) for name in ordered}


@lru_cache(maxsize=4)
def _compile_names(names: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = []
    for name in names:
        before = f"(?<![{_NUMERALS}])" if re.match(f"[{_NUMERALS}]", name) else ""
        after = f"(?![{_NUMERALS}])" if re.fullmatch("[0-9A-Za-z]", name[-1]) else ""
        alternatives.append(before + re.escape(name) + after)
    # Without any name nothing matches.
    return re.compile(f"{_NOT_BEFORE}(?:{'|'.join(alternatives) or '(?!)'}){_NOT_AFTER}")
