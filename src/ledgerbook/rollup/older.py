"""Summaries of before they told the level above what they are: by what can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ledgerbook.detail.schema import CLASSES, SCHEMA
from ledgerbook.ledger import NIL, NOT_FILLED, NOT_RETURNED
from ledgerbook.model import Meaning
from ledgerbook.returns.raw import RawBook, RawSheet
from ledgerbook.returns.values import shown
from ledgerbook.returns.words import STATUS_SYNONYMS
from ledgerbook.summary.levels import Facts, SectionFact, UnitFact

_OVERVIEW, _STANDINGS = "总览", "报送情况"
_TITLE = re.compile(r"(.+?)(\d{4})年政务公开重点任务落实情况汇总")
_DAY = re.compile(r"汇总日期：(\d{4})年(\d{1,2})月(\d{1,2})日")
_BOOK = re.compile(r"book=([^;\s]+)")
_HEAD_WITHIN = 12

# How the factory form heads what it has of the schema.
_NOT_THEIRS = ("unit", "class", "other", "place")
HEADERS: Mapping[str, str] = {
    **{s.key: s.header for s in SCHEMA if s.key not in _NOT_THEIRS},
    "days": "剩余天数",
}
# The choices of the factory form, and what people write for them.
STATUSES: Mapping[str, str] = {
    **{text: str(meaning) for text, meaning in STATUS_SYNONYMS.items()},
    **{kind: kind for kind in CLASSES},
    "未启动": str(Meaning.TODO),
    "推进中": str(Meaning.DOING),
    "已完成": str(Meaning.DONE),
    "长期推进": str(Meaning.ONGOING),
    "不涉及": str(Meaning.EXEMPT),
    NOT_FILLED: NOT_FILLED,
    NIL: NIL,
    NOT_RETURNED: NOT_RETURNED,
}


def guessed_facts(raw: RawBook, rows: int) -> Facts | None:
    """Read off the visible sheets whose summary it is; None when they do not say."""
    overview = next((s for s in raw.sheets if s.name == _OVERVIEW), None)
    if overview is None:
        return None
    texts = [shown(v) for (row, _), v in overview.cells.items() if row < _HEAD_WITHIN]
    title = next(filter(None, map(_TITLE.fullmatch, texts)), None)
    day = next(filter(None, map(_DAY.fullmatch, texts)), None)
    if title is None or day is None:
        return None
    try:
        as_of = date(*map(int, day.groups()))
    except ValueError:
        return None
    book = _BOOK.search(raw.keywords)
    standings = next((s for s in raw.sheets if s.name == _STANDINGS), None)
    return Facts(
        name=title[1],
        year=int(title[2]),
        as_of=as_of,
        rows=rows,
        units=(UnitFact("", book[1] if book else "", as_of, rows),),
        sections=_sections(standings) if standings else (),
    )


def _sections(sheet: RawSheet) -> tuple[SectionFact, ...]:
    """Read who has returned from the first table of 报送情况."""
    heads: dict[int, dict[str, int]] = {}
    for (row, column), value in sheet.cells.items():
        if row < _HEAD_WITHIN:
            heads.setdefault(row, {})[shown(value)] = column
    # A table of files stands below; it has sections as well, but no standings.
    fit = (n for n in sorted(heads) if {"科室", "报送状态"} <= heads[n].keys())
    head = next(fit, None)
    if head is None:
        return ()
    section, standing = heads[head]["科室"], heads[head]["报送状态"]
    found: list[SectionFact] = []
    row = head + 1
    while name := shown(sheet.cells.get((row, section))):
        if (row, standing) not in sheet.cells:
            break
        said = shown(sheet.cells[row, standing])
        found.append(SectionFact("", name, said))
        row += 1
    return tuple(found)
