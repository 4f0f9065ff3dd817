"""Whose sheet it is: its own line, the workbook's marks and the row codes vote.

Votes that disagree hold the whole sheet for a person.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbook import marks
from ledgerbook.marks import Mark
from ledgerbook.returns.case import Case, Return
from ledgerbook.returns.rows import Ballot


def elect_sheet(case: Case, ballots: Iterable[Ballot]) -> Mark | Return:
    """Decide whose sheet it is, or hold it whole.

    The sheet's own line and the owners of its rows speak for the sheet; the marks of
    the workbook speak only where the sheet says nothing, for sheets get moved.
    """
    line, owners = case.line, _owners(case, ballots)
    if line and (held := _not_ours(case, line)):
        return held
    genuine = case.genuine
    rounds = {c.round for c in genuine}
    if line is None and len(owners) == 1 and len(rounds) <= 1:
        rounds = rounds or {a_round.name for a_round in case.book.rounds}
        if len(rounds) > 1:
            return case.whole("unknown-round", {"found": "（识别码已被删去）"})
        (owner,), (a_round,) = owners, rounds
        line = marks.sheet_mark(case.book, a_round, owner, case.book.form.key)
    if line is None and not owners and len(genuine) == 1:
        (line,) = genuine
    if line is None:
        return _unmarked(case, owners)
    whole = {c.section for c in genuine}
    if owners and line.section not in owners and line.section not in whole:
        said = "、".join(sorted(owners))
        detail = f"识别码是“{line.section}”，各行却是“{said}”的"
        return case.whole("marks-disagree", {"detail": detail})
    return _known(case, line)


def elect_register(case: Case) -> Mark | Return:
    """Decide whose register it is: by its line, else by what the workbook says."""
    line = case.line
    if line is None:
        said = {(c.section, c.round) for c in case.genuine}
        if len(said) != 1:
            return _unmarked(case, set())
        ((section, a_round),) = said
        return Mark(case.book.book_id, a_round, section, case.form.key)
    return _not_ours(case, line) or _known(case, line)


def _not_ours(case: Case, line: Mark) -> Return | None:
    """Hold a sheet whose own line another book has made, or nobody."""
    if line.book_id != case.book.book_id:
        return _other_book(case, line)
    if not case.roster.genuine(line):
        return case.whole("marks-disagree", {"detail": "识别码被改动过"})
    return None


def _other_book(case: Case, mark: Mark) -> Return:
    found = f"编号 {mark.book_id}，{mark.section}，{mark.round}"
    return case.whole("other-book", {"found": found})


def _known(case: Case, line: Mark) -> Mark | Return:
    """Insist that the book still has the section and the round of a mark."""
    if line.section not in case.book.section_names:
        return case.whole("unknown-section", {"found": line.section})
    if line.round not in {r.name for r in case.book.rounds}:
        return case.whole("unknown-round", {"found": line.round})
    return line


def _unmarked(case: Case, owners: set[str]) -> Return:
    foreign = [c for c in case.claims if c.book_id != case.book.book_id]
    if foreign:
        return _other_book(case, foreign[0])
    if owners:
        said = "、".join(sorted(owners))
        return case.whole("marks-disagree", {"detail": f"各行分属“{said}”"})
    return case.whole("not-ours")


def _owners(case: Case, ballots: Iterable[Ballot]) -> set[str]:
    """Return the sections whose codes stand in the rows."""
    found = set()
    for ballot in ballots:
        for code in (ballot.visible, ballot.hidden):
            if owner := case.roster.by_code.get(code):
                found.add(owner.section)
    return found
