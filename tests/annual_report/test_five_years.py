"""Five invented years, each counted from returned workbooks and by walking through its days.

The world is made first: matters that come in and are answered, documents that are made and
repealed, decisions day by day. Clerks then write the register of each year in the January
after it, with what they know by then, and some rows wrong. The count walks from day to day and
keeps stocks; it knows no column and no mark of the registers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.annual_report.report_checks import Agreement
from tests.support.register_returns import (
    APPLICATIONS,
    DOCUMENTS,
    ENFORCEMENT,
    Entry,
    count_returned,
)

pytestmark = pytest.mark.slow

FIRST_YEAR, YEARS = 2018, 5
OUTCOMES = published_tables.HANDLING_RESULT_LINES
Figures = Counter[tuple[str, str, str]]


@dataclass(frozen=True)
class Story:
    """Something that begins on a day and ends on another, or not yet."""

    name: str
    begin: date
    end: date | None
    kind: str
    outcome: str = ""


def make_stories(chance: random.Random, prefix: str, count: int, longest: int) -> list[Story]:
    first = date(FIRST_YEAR - 1, 6, 1)
    kinds = published_tables.APPLICANTS if prefix == "申" else ("规章", "行政规范性文件")
    stories = []
    for n in range(count):
        begin = first + timedelta(chance.randrange(365 * (YEARS + 1)))
        # Many at the turn of the year.
        if chance.random() < 0.3:
            begin = date(begin.year, 12, 15) + timedelta(chance.randrange(40))
        end = begin + timedelta(chance.randrange(longest)) if chance.random() < 0.9 else None
        outcome = chance.choice(OUTCOMES)
        stories.append(Story(f"{prefix}{n}", begin, end, chance.choice(kinds), outcome))
    return stories


def list_days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(1)


def walk_matters(stories: list[Story], year: int) -> Figures:
    """Keep the stock of open matters from day to day."""
    found: Figures = Counter()

    def tick(line: str, story: Story) -> None:
        found["表三", line, story.kind] += 1
        found["表三", line, "总计"] += 1

    stock = {s for s in stories if s.begin < date(year, 1, 1)}
    stock -= {s for s in stories if s.end and s.end < date(year, 1, 1)}
    for story in stock:
        tick("二、上年结转政府信息公开申请数量", story)
    for day in list_days(year):
        for story in stories:
            if story.begin == day:
                stock.add(story)
                tick("一、本年新收政府信息公开申请数量", story)
        for story in [s for s in stock if s.end == day]:
            stock.remove(story)
            tick(story.outcome, story)
            tick("（七）总计", story)
    for story in stock:
        tick("四、结转下年度继续办理", story)
    return found


def walk_documents(stories: list[Story], year: int) -> Figures:
    found: Figures = Counter()
    for day in list_days(year):
        for story in stories:
            found["表二", story.kind, "本年制发件数"] += story.begin == day
            found["表二", story.kind, "本年废止件数"] += story.end == day
            if day == date(year, 12, 31):
                is_valid = story.begin <= day and (story.end is None or story.end > day)
                found["表二", story.kind, "现行有效件数"] += is_valid
    return found


def write_matter(story: Story, year: int, known: date) -> Entry:
    answered = story.end if story.end and story.end <= known else None
    return {
        "number": story.name,
        "received_on": story.begin,
        "carried_over": "是" if story.begin.year < year else "否",
        "applicant": "某人",
        "applicant_type": story.kind,
        "content": "某信息",
        "replied_on": answered,
        "outcome": story.outcome if answered else None,
    }


def spoil_matter(chance: random.Random, entry: dict[str, Any], year: int) -> bool:
    """Make a row nonsense; False where this row has nothing to spoil in that way."""
    received, replied = entry["received_on"], entry["replied_on"]
    if received.year > year:
        return False
    ways: list[dict[str, Any]] = [
        {"received_on": None, "carried_over": "否"},
        {"carried_over": "否" if received.year < year else "是"},
        {"received_on": date(year + 1, 6, 1)},
    ]
    if replied:
        ways.append({"replied_on": None})
        ways.append({"replied_on": received - timedelta(1)})
        ways.append({"replied_on": date(year - 1, 12, 30), "received_on": date(year - 1, 12, 1)})
        if replied.year == year:
            ways.append({"outcome": None})
    entry.update(chance.choice(ways))
    return True


def write_document(story: Story, known: date) -> Entry:
    ended = story.end if story.end and story.end <= known else None
    return {
        "name": story.name,
        "doc_no": story.name,
        "doc_type": story.kind,
        "signed_on": story.begin,
        "repealed_on": ended,
        "validity": "已废止" if ended else "现行有效",
    }


def spoil_document(chance: random.Random, entry: dict[str, Any], year: int) -> bool:
    if entry["signed_on"].year > year:
        return False
    ways: list[dict[str, Any]] = [{"signed_on": None}, {"validity": "已废止", "repealed_on": None}]
    if entry["repealed_on"] and entry["repealed_on"].year <= year:
        ways.append({"validity": "现行有效"})
        ways.append({"repealed_on": entry["signed_on"] - timedelta(1)})
    entry.update(chance.choice(ways))
    return True


# The year in parts that do not overlap, as clerks write them: text, first and last month.
PARTITIONS = [
    [("{y}年", 1, 12)],
    [("上半年", 1, 6), ("{y}年下半年", 7, 12)],
    [("第一季度", 1, 3), ("二季度", 4, 6), ("Q3", 7, 9), ("{y}年第四季度", 10, 12)],
    [("1—11月", 1, 11), ("{y}年12月", 12, 12)],
    [("{y}.1-{y}.3", 1, 3), ("4月1日至12月31日", 4, 12)],
]


def write_decisions(
    chance: random.Random, year: int
) -> tuple[list[dict[str, Any]], Figures, set[str]]:
    """Return rows, what they come to, and the names of rows that cannot be counted."""
    rows, found, wrong = [], Counter[tuple[str, str, str]](), set()
    lines = ("行政许可", "行政处罚", "行政强制")
    for n in range(8):
        line, name = chance.choice(lines), f"事项{n}"
        days = Counter(chance.choice(list(list_days(year))) for _ in range(chance.randrange(40)))
        found["表二", line, published_tables.DECISION_COUNT] += days.total()

        def row(text: str, quantity: int, line: str = line, name: str = name) -> dict[str, Any]:
            period = text.format(y=year)
            return {"item": line, "name": name, "period": period, "quantity": quantity}

        rows += [
            row(text, sum(k for day, k in days.items() if first <= day.month <= last))
            for text, first, last in chance.choice(PARTITIONS)
        ]
        if chance.random() < 0.4:
            # Of another year, or a part of what is told already.
            text = f"{year - 1}年" if chance.random() < 0.5 else "3月"
            rows.append(row(text, 7))
            wrong.add(f"{name} {text}")
    # Next January's are in the register already.
    rows.append({"item": "行政许可", "name": "事项0", "period": f"{year + 1}年1月", "quantity": 9})
    return rows, found, wrong


@pytest.mark.parametrize("seed", range(2))
def test_five_years_come_to_what_happened(seed: int) -> None:
    """All figures are those of the days, and each row that is nonsense is named, no other."""
    chance = random.Random(seed)  # noqa: S311  made-up data
    matters = make_stories(chance, "申", 160, 90)
    documents = make_stories(chance, "文", 60, 900)
    carried: dict[str, int] = {}
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        known = date(year + 1, 1, 31)
        open_matters = [
            s for s in matters if s.begin <= known and (s.end is None or s.end >= date(year, 1, 1))
        ]
        wrong: set[str] = set()
        entries: dict[str, list[dict[str, Any]]] = {APPLICATIONS: [], DOCUMENTS: []}
        for story in open_matters:
            entry = dict(write_matter(story, year, known))
            if chance.random() < 0.1 and spoil_matter(chance, entry, year):
                wrong.add(story.name)
            entries[APPLICATIONS].append(entry)
        made_documents = [s for s in documents if s.begin <= known]
        for story in made_documents:
            entry = dict(write_document(story, known))
            if chance.random() < 0.1 and spoil_document(chance, entry, year):
                wrong.add(story.name)
            entries[DOCUMENTS].append(entry)
        rows, decided, wrong_rows = write_decisions(chance, year)
        for rows_of in entries.values():
            chance.shuffle(rows_of)
        found = count_returned({**entries, ENFORCEMENT: rows}, year, rows=150)
        expected = walk_matters([s for s in open_matters if s.name not in wrong], year)
        expected += walk_documents([s for s in made_documents if s.name not in wrong], year)
        expected += decided
        counted = {
            tuple(cell): int(value)
            for cell, value in found.figures.items()
            if cell.table != published_tables.CONTEST_TABLE and value
        }
        assert counted == {cell: n for cell, n in expected.items() if n}
        named = {
            one.entry.get_text("number")
            or one.entry.get_text("doc_no")
            or f"{one.entry.get_text('name')} {one.entry.get_text('period')}"
            for one in found.doubtful_entries
        }
        assert named == wrong | wrong_rows
        broken = [c for c in found.checked_identities if c.agreement is Agreement.BROKEN]
        assert broken == []
        check_turn_of_the_year(matters, year, carried)


def check_turn_of_the_year(matters: list[Story], year: int, carried: dict[str, int]) -> None:
    """Check that what one year carries forward is what the next brings over, without errors."""
    known = date(year + 1, 1, 31)
    sound = [
        write_matter(s, year, known)
        for s in matters
        if s.begin <= known and (s.end is None or s.end >= date(year, 1, 1))
    ]
    figures = count_returned({APPLICATIONS: sound}, year, rows=150).figures
    for column in (*published_tables.APPLICANTS, published_tables.TOTAL):
        brought, forward = (
            int(figures[TableCell("表三", line, column)])
            for line in (published_tables.CARRIED_OVER_LINE, published_tables.CARRIED_FORWARD_LINE)
        )
        assert carried.get(column, brought) == brought
        carried[column] = forward
