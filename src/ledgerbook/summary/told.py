"""The very hidden sheet by which the level above knows a summary and reads it."""

from __future__ import annotations

from collections import Counter

from ledgerbook import levels
from ledgerbook.detail import CLASSES, class_of
from ledgerbook.ledger import Ledger
from ledgerbook.levels import Facts, SectionFact, UnitFact
from ledgerbook.summary.detail import headers
from ledgerbook.summary.labels import status_labels
from ledgerbook.xlsx import Maker, done


def facts_of(ledger: Ledger) -> Facts:
    """Return what the summary of ``ledger`` says of itself."""
    book = ledger.book
    grave = sum(problem.grave for problem in ledger.problems)
    statuses = {s.text: class_of(s.text, s.meaning) for s in status_labels(ledger)}
    counts = Counter(row.status for row in ledger.rows)
    return Facts(
        name=book.agency,
        year=book.year,
        as_of=ledger.as_of,
        rows=len(ledger.rows),
        units=(UnitFact("", book.book_id, ledger.as_of, len(ledger.rows), grave),),
        sections=tuple(
            SectionFact("", one.section, one.standing.value, one.rows)
            for one in ledger.sections
        ),
        columns=headers(ledger),
        statuses=dict(sorted(statuses.items(), key=lambda s: CLASSES.index(s[1]))),
        counts=dict(sorted(counts.items())),
        found=ledger.tally.found,
        accounted=ledger.tally.accounted,
    )


def draw_facts(maker: Maker, facts: Facts) -> None:
    """Put ``facts`` on a very hidden sheet, every one as text."""
    sheet = maker.sheet(levels.SHEET)
    sheet.very_hidden()
    for row, line in enumerate(levels.storable(facts)):
        for column, text in enumerate(line):
            done(sheet.write_string(row, column, text))
