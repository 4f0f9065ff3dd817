"""On paper: A4 landscape, the header on every page, and no more pages than needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.forms import load_factory_forms, load_factory_ledger
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.workbook import DispatchLine, build_dispatch_list, issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Section, Task
from ledgerbook.summary import write_summary
from tests.office.calc import Calc
from tests.office.prints import A4_LANDSCAPE, page_sizes, page_texts
from tests.support.books import (
    AS_OF,
    DONE,
    ISSUED_ON,
    OFFICE,
    SECTIONS,
    fill,
    make_book,
)

MEASURE = "按照要求全面规范本单位负责的行政法规、规章及规范性文件的公开，定期清理。" * 2
RESULT = "清理规范性文件 12 件，全部标注有效性并更新目录，公开 10 件，废止 2 件。" * 2
WIDE = "依申请.xlsx"
FORM, SUMMARY, BOOK, LIST = f"{OFFICE}.xlsx", "年度汇总.xlsx", "台账.xlsx", "签发.xlsx"

# File → the most pages it may take. The text, set solid, takes nearly as many.
MOST = {FORM: 7, "总台账.xlsx": 17, LIST: 4, SUMMARY: 26, BOOK: 22}

# File → what only the lines of a table say → the header row above them, in part. The
# first and the last column are among it: a table is never parted across its width.
HEADS = {
    FORM: (r"T\d\d-", ("序号", "行码", "计划措施", "落实情况", "备注")),
    LIST: (r"业务\d+科", ("序号", "任务项数", "签收人", "签收日期")),
    # 科室明细 has no 【section】 before an answer, as 年度汇总 has, and no days as 逾期临期.
    SUMMARY: (
        "^(?!.*(【|已逾期|还剩)).*按照要求全面规范",
        ("科室", "计划措施", "落实情况", "采用口径", "审核意见", "销号", "责任人"),
    ),
    BOOK: ("按照要求全面规范", ("编码", "序号", "计划措施", "责任单位")),
}


def _tasks() -> Iterator[Task]:
    """Twenty-five tasks of the usual length: as many as the real plan has."""
    few = make_book().tasks
    for number in range(1, 26):
        yield replace(
            few[number % len(few)],
            code=f"T{number:02d}",
            number=number,
            measure=f"{number}.{MEASURE}",
            due=date(2022, 10, 31) if number % 3 else None,
        )


def _files(book: Book) -> Iterator[tuple[str, bytes]]:
    """Make one of each workbook that the tool writes in a year."""
    made = {i.name: i.data for i in issue_round(book, book.rounds[0], ISSUED_ON)}
    answers = {**DONE, "result": RESULT, "person": "张三", "phone": "0760-88000000"}
    reads = []
    for section in SECTIONS[:2]:
        own = {task.code: answers for task in book.get_tasks(section)}
        data = fill(made[f"{section}.xlsx"], own)
        reads.append(read_return(f"{section}.xlsx", data, ReadContext(book, AS_OF)))
    sent = [DispatchLine(Section(f"业务{n}科"), f"业务{n}科.xlsx") for n in range(60)]
    yield FORM, made[FORM]
    yield "总台账.xlsx", made["总台账.xlsx"]
    yield LIST, build_dispatch_list(book, book.rounds[0], sent, ISSUED_ON)
    yield SUMMARY, write_summary(merge_returns(book, reads, AS_OF))
    yield BOOK, build_book_bytes(book)
    yield WIDE, _wide_register()


def _wide_register() -> bytes:
    """Issue the widest register to a section, beside a ledger of one task."""
    form = next(one for one in load_factory_forms() if one.key == "applications")
    few = make_book(forms=(load_factory_ledger(), form))
    book = replace(
        few,
        tasks=few.tasks[:1],
        sections=tuple(replace(s, register_keys=(form.key,)) for s in few.sections),
    )
    made = {i.name: i.data for i in issue_round(book, book.rounds[0], ISSUED_ON)}
    return made[FORM]


@pytest.fixture(scope="module")
def printed(calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function: file name → the whole workbook as LibreOffice prints it."""
    folder = tmp_path_factory.mktemp("打印")
    for name, data in _files(make_book(tasks=tuple(_tasks()))):
        (folder / name).write_bytes(data)

    @cache
    def show(name: str) -> Path:
        calc.open(path=folder / name)
        pdf = (folder / name).with_suffix(".pdf")
        calc.save(path=pdf)
        calc.close()
        return pdf

    return show


@pytest.mark.parametrize("name", MOST)
def test_every_page_is_a4_landscape(printed: Callable[[str], Path], name: str) -> None:
    """Each workbook prints on A4 landscape, with something to read on every page.

    The overview of the summary is the only sheet that is upright.
    """
    pdf = printed(name)
    sizes = page_sizes(pdf)
    if name == SUMMARY:
        assert sizes.pop(0) == A4_LANDSCAPE[::-1]
    assert set(sizes) == {A4_LANDSCAPE}
    assert all(page_texts(pdf))


@pytest.mark.parametrize("name", MOST)
def test_paper_is_not_wasted(printed: Callable[[str], Path], name: str) -> None:
    """A year of 25 tasks and three sections prints on no more pages than it needs."""
    assert len(page_sizes(printed(name))) <= MOST[name]


@pytest.mark.parametrize("name", HEADS)
def test_each_page_repeats_the_header(printed: Callable[[str], Path], name: str) -> None:
    """Wherever a line of the table stands, its header stands on the same page."""
    line, heads = HEADS[name]
    pages = [page for page in page_texts(printed(name)) if re.search(line, page)]
    assert len(pages) > 1
    missing = [
        (number, head) for number, page in enumerate(pages) for head in heads if head not in page
    ]
    assert missing == []


def test_the_title_is_printed_once(printed: Callable[[str], Path]) -> None:
    """Only the first page of the form spends its room on title and marks."""
    pages = page_texts(printed(FORM))
    titled = [n for n, page in enumerate(pages) if "政务公开重点任务台账" in page]
    assert titled == [0]


def test_a_wide_register_goes_on_beside(printed: Callable[[str], Path]) -> None:
    """Two pages side by side, each beginning with the number; one has the title."""
    pages = [page for page in page_texts(printed(WIDE)) if "编号" in page]
    left = [page for page in pages if "申请内容" in page and "怎么填" not in page]
    right = [page for page in pages if "归档号" in page and "怎么填" not in page]
    assert len(left) == len(right) > 1
    assert not set(left) & set(right)
    assert [page for page in (*left, *right) if "填报人" not in page] == []
    assert ["办理台账" in page for page in left] == [True, *[False] * (len(left) - 1)]
    assert [page for page in right if "填报科室" in page or "识别码" in page] == []
