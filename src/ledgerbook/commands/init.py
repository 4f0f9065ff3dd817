"""Implement ``init``: create the first book of the year from a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledgerbook.commands.arguments import (
    StrPath,
    check_flags,
    check_texts,
    to_optional_number,
    to_path,
    to_texts,
)
from ledgerbook.commands.inputs import refuse_own_file, require_suffix
from ledgerbook.errors import FileError, InputError, name_option
from ledgerbook.model import Book
from ledgerbook.storage import atomic

_KEY = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class InitResult:
    """A new book and its path, None in a dry run.

    ``cell_account`` is a sentence that says what was done with the cells of the plan.
    """

    book: Book
    path: Path | None
    cell_account: str = ""


def init(  # noqa: PLR0913  one argument an option of the command
    plan: StrPath,
    output: StrPath,
    *,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: str | Iterable[str] = (),
    key: str = "",
    units_column: str = "",
    split_items: bool = False,
    kind: str = "",
    dry_run: bool = False,
) -> InitResult:
    """Read a plan and write the first book of the year.

    ``agency``, ``year`` and ``office`` replace what the plan says; ``sections`` are
    further sections. ``key`` is 64 hex digits, random unless given. ``units_column`` is
    the header of the column with the responsible units, where several could be;
    ``split_items`` makes a task of each numbered item within a cell. ``kind`` is the kind of
    the plan (政务公开, 整改, 督办 …), whose words the ledger gets; the title says it unless given.
    Raises FileError when ``output`` exists (the office may have edited it) or cannot be
    written, and InputError when the plan cannot be understood, lacks agency, year or
    office, or ``output`` is not an .xlsx path.
    """
    from ledgerbook.book import build_book_bytes, create_book
    from ledgerbook.plan import read_plan

    plan, output = to_path("plan", plan), to_path("output", output)
    year, sections = to_optional_number("year", year), to_texts("sections", sections)
    check_texts(agency=agency, office=office, key=key, units_column=units_column, kind=kind)
    check_flags(split_items=split_items, dry_run=dry_run)
    _check_values(key, year, sections, kind)
    require_suffix(output, ".xlsx", "台账")
    if output.exists() and not dry_run:
        raise _make_exists_error(output)
    refuse_own_file(plan)
    parsed_plan = read_plan(plan, units_column=units_column, split_items=split_items)
    book = create_book(
        parsed_plan,
        agency=agency,
        year=year,
        office=office,
        sections=sections,
        key=key,
        kind=kind,
    )
    if dry_run:
        return InitResult(book, None, str(parsed_plan.cell_count))
    # The key by which returns are recognised is in it, and personal data soon are.
    if not atomic.create_file(output, build_book_bytes(book), is_for_owner=True):
        # Another run has made it since we looked.
        raise _make_exists_error(output)
    return InitResult(book, output, str(parsed_plan.cell_count))


def _make_exists_error(output: Path) -> FileError:
    return FileError(
        f"“{output}”已经存在，里面可能有您改过的内容，没有覆盖。"
        f"要用修订后的方案更新它，请{name_option('加上 --update', '调用 update()')}；"
        f"要另建一本，请换一个文件名（{name_option('-o', 'output=')}），或先把旧台账移走。",
        code="file-exists",
        path=output,
    )


def _check_values(key: str, year: int | None, sections: Sequence[str], kind: str) -> None:
    """Raise InputError for values that would make a book that no command can read."""
    from ledgerbook.book import VALID_YEARS
    from ledgerbook.forms import list_plan_kinds

    kinds = [one.name for one in list_plan_kinds()]
    mistakes: list[str] = []
    if key and not _KEY.fullmatch(key):
        mistakes.append("key= 要写 64 个十六进制数字，或者不写。")
    if year is not None and year not in VALID_YEARS:
        mistakes.append(f"year= 要在 {VALID_YEARS[0]} 到 {VALID_YEARS[-1]} 之间。")
    if kind and kind not in kinds:
        mistakes.append(f"{name_option('--kind', 'kind=')} 要写这几种之一：{'、'.join(kinds)}。")
    mistakes += [
        f"科室“{name}”：名称不能空着，里面不能有竖线、分号、换行，前后不能有空格。"
        for name in sections
        if not name.strip() or name != name.strip() or set("|;\n") & set(name)
    ]
    if mistakes:
        raise InputError("有几处写得不对，没有建台账：", mistakes, code="argument-invalid")
