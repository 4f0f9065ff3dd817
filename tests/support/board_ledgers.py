"""Make ledgers to write boards of: a small one with something of everything, and a hostile one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Ledger
from tests.support import ledgers

OFFICE, LEGAL, FINANCE = SECTIONS = ("综合科", "法规科", "财务科")
MARKUP = "</script><img src=x onerror=document.title='坏'><!--<script>&amp;\u2028\u2029"
OVERDUE, SOON, LATER = (ledgers.AS_OF + timedelta(days) for days in (-8, 3, 60))


def make_book() -> Book:
    return ledgers.book(
        SECTIONS,
        [
            ledgers.task(1, SECTIONS, due=OVERDUE),
            ledgers.task(2, (OFFICE, LEGAL), due=SOON, requirement="二、加强解读回应"),
            ledgers.task(3, (LEGAL,), due=LATER, requirement="二、加强解读回应"),
            ledgers.task(4, (FINANCE,)),
        ],
    )


def make_small_ledger(**changes: object) -> Ledger:
    """Return a ledger of three sections, of which 财务科 has returned nothing."""
    answers = {
        (1, OFFICE): {"status": "已完成", "result": "目录 86 项已公布。", "person": "张某"},
        (1, LEGAL): {"status": "推进中", "result": "正在核对。"},
        (2, OFFICE): {"status": "不涉及"},
        (2, LEGAL): {"status": "未启动"},
        (3, LEGAL): {"status": "已完成", "result": "已办结。"},
    }
    wrong = Problem(
        "too-long",
        Place(f"{LEGAL}.xlsx", "台账", "L9"),
        {"header": "落实情况", "length": "9", "limit": "5", "raw": "过长"},
        LEGAL,
        task="T03",
        column="result",
    )
    ledger = ledgers.ledger(make_book(), answers, problems=[wrong])
    return replace(ledger, **changes)  # type: ignore[arg-type]


def make_hostile_ledger(text: str = MARKUP) -> Ledger:
    """Return a ledger with ``text`` in every column, and as each name."""
    names = (f"甲{text}", f"乙{text}")
    book = ledgers.book(
        names,
        [ledgers.task(1, names, requirement=text, point=text, measure=text, due=OVERDUE)],
    )
    answers = {(1, names[0]): {**dict.fromkeys(ledgers.ANSWER_KEYS, text), "status": "推进中"}}
    values = {"header": text, "length": "9", "limit": "5", "raw": text}
    problem = Problem("too-long", Place(text, text, text), values, names[0], task="T01")
    return ledgers.ledger(replace(book, agency=text), answers, problems=[problem])
