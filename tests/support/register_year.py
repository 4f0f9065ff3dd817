"""Make invented entries of registers for a whole year, as plain rows.

The tests count these rows independently and compare their figures with the program's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.report_checks import ReportFigures, compute_report_figures
from ledgerbook.forms import load_form
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Form
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Answer, Ledger, RegisterEntry, SubmissionStatus
from tests.support.books import FINANCE, OFFICE, make_book

YEAR = 2022
# The report is written in the next January.
LAST_DAY = date(YEAR + 1, 1, 31)
Row = Mapping[str, Any]


def _write_columns(*columns: tuple[str, str, str, str]) -> str:
    """Return TOML for columns: key, header, type or choices joined by ``|``, 年度判定."""
    kinds = {"日期", "文本", "数字"}
    return "".join(
        f'[[columns]]\nkey = "{key}"\nheader = "{header}"\nfiller = "科室填写"\n'
        f'width = 12\nkind = "{kind if kind in kinds else "下拉选项"}"\n'
        + ("" if kind in kinds else f'choices = "{header}"\n')
        + (f'period = "{role}"\n' if role else "")
        + "".join(
            f'[[choices]]\nlist = "{header}"\nvalue = "{value}"\n'
            for value in ([] if kind in kinds else kind.split("|"))
        )
        for key, header, kind, role in columns
    )


def _make_form(key: str, title: str, identity: str, *columns: tuple[str, str, str, str]) -> Form:
    head = f'key = "{key}"\ntitle = "{title}"\nrows = 20\nidentity = [{identity}]\n'
    return load_form(head + _write_columns(*columns))


VERDICTS = "|".join(published_tables.VERDICTS)
APPLICATIONS = _make_form(
    "applications",
    "依申请公开办理台账",
    '"number"',
    ("number", "编号", "文本", ""),
    ("received_on", "收到日期", "日期", "收到日"),
    ("applicant_type", "申请人类型", "|".join(published_tables.APPLICANTS), ""),
    ("carried_over", "是否上年结转", "是|否", "上年结转"),
    ("replied_on", "答复日期", "日期", "办结日"),
    ("outcome", "办理结果", "|".join(published_tables.HANDLING_RESULT_LINES), "办理结果"),
    ("review", "行政复议结果", VERDICTS, ""),
    ("suit", "直接起诉结果", VERDICTS, ""),
    ("suit_after_review", "复议后起诉结果", VERDICTS, ""),
)
DOCUMENTS = _make_form(
    "normative_documents",
    "规范性文件台账",
    '"doc_no"',
    ("doc_no", "文号", "文本", ""),
    ("doc_type", "文件类型", "规章|行政规范性文件", ""),
    ("signed_on", "成文日期", "日期", "制发日"),
    ("repealed_on", "废止日期", "日期", "失效日"),
    ("validity", "有效性", "现行有效|已废止", "有效性"),
)
ENFORCEMENT = _make_form(
    "enforcement_and_fees",
    "行政执法和收费登记",
    '"item", "period"',
    ("item", "事项", "行政许可|行政处罚|行政强制|行政事业性收费", ""),
    ("period", "统计期", "文本", "统计期"),
    ("quantity", "数量", "数字", ""),
    ("amount", "金额", "数字", ""),
)
FORMS = {form.key: form for form in (APPLICATIONS, DOCUMENTS, ENFORCEMENT)}


def year_book(
    forms: Iterable[Form] = FORMS.values(),
    *,
    reference: Mapping[str, int] | None = None,
    owing: Sequence[str] = (OFFICE, FINANCE),
) -> Book:
    """Return a book in which the sections ``owing`` keep all registers."""
    book, registers = make_book(), tuple(forms)
    keys = tuple(form.key for form in registers)
    return replace(
        book,
        forms=(book.task_form, *registers),
        sections=tuple(
            replace(s, register_keys=keys if s.name in owing else ()) for s in book.sections
        ),
        reference_figures=tuple((k, Decimal(v)) for k, v in (reference or {}).items()),
    )


def _pick_day(chance: random.Random, year: int, earliest: date = date.min) -> date:
    """Return a day of ``year``, not before ``earliest``."""
    first = max(date(year, 1, 1), earliest)
    return first + timedelta(chance.randrange((date(year, 12, 31) - first).days + 1))


def make_applications(seed: int, count: int = 150) -> list[dict[str, Any]]:
    """Return applications in every state: new, carried over, answered, open, late."""
    chance = random.Random(seed)  # noqa: S311  made-up data
    rows = []
    for n in range(count):
        is_carried_over = chance.random() < 0.15
        outcome = chance.choice([None, None, *published_tables.HANDLING_RESULT_LINES])
        is_late = chance.random() < 0.1
        received = _pick_day(chance, YEAR - is_carried_over)
        replied = date(YEAR + 1, 1, 8) if is_late else _pick_day(chance, YEAR, received)
        rows.append(
            {
                "number": f"{n + 1:03d}号",
                "received_on": received,
                "applicant_type": chance.choice(published_tables.APPLICANTS),
                "carried_over": "是" if is_carried_over else "否",
                "replied_on": replied if outcome else None,
                "outcome": outcome,
                "review": chance.choice([None, None, *published_tables.VERDICTS]),
                "suit": chance.choice([None, None, *published_tables.VERDICTS]),
                "suit_after_review": chance.choice([None, *published_tables.VERDICTS]),
            }
        )
    return rows


def make_documents(seed: int, count: int = 40) -> list[dict[str, Any]]:
    """Return documents of this year and of earlier years, some no longer in force."""
    chance = random.Random(seed)  # noqa: S311  made-up data
    rows = []
    for n in range(count):
        signed = _pick_day(chance, chance.choice([YEAR, YEAR, YEAR - 5]))
        repealed = chance.choice([None, None, YEAR, max(YEAR - 1, signed.year)])
        rows.append(
            {
                "doc_no": f"〔{YEAR}〕{n + 1}号",
                "doc_type": chance.choice(["规章", "行政规范性文件"]),
                "signed_on": signed,
                "repealed_on": _pick_day(chance, repealed, signed) if repealed else None,
                "validity": "已废止" if repealed else "现行有效",
            }
        )
    return rows


ENFORCEMENT_ROWS: list[dict[str, Any]] = [
    {"item": "行政许可", "period": "1—11月", "quantity": 12},
    {"item": "行政许可", "period": "12月", "quantity": 3},
    {"item": "行政处罚", "period": f"{YEAR}年", "quantity": 2},
    {"item": "行政事业性收费", "period": "上半年", "amount": 0.1},
    {"item": "行政事业性收费", "period": "下半年", "amount": 0.2},
]


def make_year(seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    return {
        "applications": make_applications(seed),
        "normative_documents": make_documents(seed),
        "enforcement_and_fees": [dict(row) for row in ENFORCEMENT_ROWS],
    }


def make_ledger(rows: Mapping[str, Sequence[Row]], book: Book | None = None) -> Ledger:
    """Return a ledger with the entries ``rows``, alternately of two sections."""
    book_ = book or year_book()
    records = [
        _make_entry(book_.find_form(key), (OFFICE, FINANCE)[n % 2], row, n + 7)
        for key, entries in rows.items()
        for n, row in enumerate(entries)
    ]
    ledger = merge_returns(book_, [], LAST_DAY)
    # As if every section had returned its registers.
    reports = tuple(
        replace(report, status=SubmissionStatus.RETURNED) for report in ledger.register_reports
    )
    return replace(ledger, register_entries=tuple(records), register_reports=reports)


def _make_entry(form: Form | None, section: str, row: Row, line: int) -> RegisterEntry:
    assert form is not None
    answers = {
        key: Answer(value, str(value), Place(f"{section}.xlsx", form.title, f"C{line}"))
        for key, value in row.items()
        if value is not None
    }
    return RegisterEntry(form, section, answers, {k: a.place for k, a in answers.items()})


def compute_figures(rows: Mapping[str, Sequence[Row]], **reference: int) -> ReportFigures:
    figures = compute_report_figures(make_ledger(rows, year_book(reference=reference)))
    assert figures is not None
    return figures
