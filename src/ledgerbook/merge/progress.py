"""How far the sections have come: with the round under way, and from round to round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledgerbook.intake.results import FileRead
from ledgerbook.merge import status
from ledgerbook.merge.answers import Gathered
from ledgerbook.model import Book, Round, StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import (
    AssignmentResult,
    RoundReport,
    SectionReport,
    SubmissionStatus,
)


@dataclass(frozen=True, slots=True)
class _SectionReturn:
    """What a section has sent in one round: its files, oldest first."""

    files: tuple[FileRead, ...]
    silent: bool
    nil: bool

    @property
    def moments(self) -> list[datetime]:
        return [f.report.saved_at for f in self.files if f.report.saved_at]


def section_reports(
    book: Book,
    files: Sequence[FileRead],
    rows: Sequence[AssignmentResult],
    problems: Sequence[Problem],
) -> Iterator[SectionReport]:
    """Say how far each section has come with the current round."""
    count = Counter(problem.section for problem in problems if problem.grave)
    current = current_round(book, files)
    rows_of: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in rows:
        rows_of[row.section].append(row)
    from_ = _by_section(files)
    for section in book.section_names:
        own = rows_of[section]
        if not own and not book.registers_of(section):
            continue
        returned = _returned(from_[section], section, current)
        held = _held(from_[section], section)
        names = {file.report.name for file in returned.files} or held
        yield SectionReport(
            section=section,
            standing=_standing(returned, current.due, own, held),
            due=current.due,
            files=tuple(sorted(names)),
            saved_at=max(returned.moments, default=None),
            rows=len(own),
            filled=sum(1 for row in own if row.answers),
            problems=count[section],
            round=current.name,
        )


def _by_section(files: Sequence[FileRead]) -> defaultdict[str, list[FileRead]]:
    """List for each section the files that say anything of it, in their order."""
    found: defaultdict[str, list[FileRead]] = defaultdict(list)
    for file in files:
        named = {row.section for row in file.rows}
        named |= {section for section, _ in file.nil}
        named |= {kept.section for kept in file.registers}
        named |= {problem.section for problem in file.problems}
        for section in named:
            found[section].append(file)
    return found


def current_round(book: Book, files: Sequence[FileRead]) -> Round:
    """Return the latest round that anything has come back for, else the first."""
    seen = {row.round for file in files for row in file.rows}
    seen |= {a_round for file in files for _, a_round in file.nil}
    seen |= {kept.round for file in files for kept in file.registers}
    returned = [a_round for a_round in book.rounds if a_round.name in seen]
    return returned[-1] if returned else book.rounds[0]


def _returned(
    files: Sequence[FileRead], section: str, a_round: Round
) -> _SectionReturn:
    mine = (section, a_round.name)
    said = {
        file.report.name: [r for r in file.rows if (r.section, r.round) == mine]
        for file in files
    }
    given = tuple(
        file
        for file in files
        if said[file.report.name] or mine in file.nil or _kept(file, mine)
    )
    entered = any(
        entry.section == section and entry.round == a_round.name
        for file in given
        for entry in file.entries
    )
    answered = any(r.answers or r.held for rows in said.values() for r in rows)
    silent = not answered and not entered
    nil = silent and bool(given) and mine in given[-1].nil
    return _SectionReturn(given, silent, nil)


def _kept(file: FileRead, mine: tuple[str, str]) -> bool:
    """Whether a register of the section came back, be it without a single entry."""
    return any((kept.section, kept.round) == mine for kept in file.registers)


def _held(files: Sequence[FileRead], section: str) -> set[str]:
    """Return the files that came from ``section``, with nothing that could be used."""
    return {
        file.report.name
        for file in files
        if any(p.grave and p.section == section for p in file.problems)
        and not any(row.section == section for row in file.rows)
        and not any(kept.section == section for kept in file.registers)
    }


def _standing(
    returned: _SectionReturn,
    due: date | None,
    rows: Sequence[AssignmentResult],
    held: Collection[str],
) -> SubmissionStatus:
    """Judge a section; a correction sent after the date does not make it late."""
    if not returned.files:
        return SubmissionStatus.HELD if held else SubmissionStatus.MISSING
    if returned.silent and not returned.nil:
        return SubmissionStatus.NOTHING
    if due and all(m.date() > due for m in returned.moments) and _dated(returned):
        return SubmissionStatus.LATE
    exempt = rows and all(row.meaning is StatusCategory.EXEMPT for row in rows)
    nil = returned.nil or exempt
    return SubmissionStatus.NIL if nil else SubmissionStatus.RETURNED


def _dated(returned: _SectionReturn) -> bool:
    return len(returned.moments) == len(returned.files)


def round_reports(
    book: Book,
    files: Sequence[FileRead],
    rows: Sequence[AssignmentResult],
    gathered: Gathered,
) -> Iterator[RoundReport]:
    """Say of each round so far who returned, and how things stood at its end."""
    names = [a_round.name for a_round in book.rounds]
    responsible = {row.section for row in rows}
    owing = [name for name in book.section_names if name in responsible]
    from_ = _by_section(files)
    last = book.rounds.index(current_round(book, files))
    for n, a_round in enumerate(book.rounds[: last + 1]):
        back = dict.fromkeys(s for s in owing if _returned(from_[s], s, a_round).files)
        known = frozenset(names[: n + 1])
        meanings = Counter(_meaning_then(book, row, gathered, known) for row in rows)
        yield RoundReport(
            round=a_round.name,
            due=a_round.due,
            returned=tuple(back),
            missing=tuple(section for section in owing if section not in back),
            rows=len(rows),
            meanings={m: meanings[m] for m in StatusCategory},
        )


def _meaning_then(
    book: Book, row: AssignmentResult, gathered: Gathered, rounds: Collection[str]
) -> StatusCategory | None:
    """Return what a row's status meant once ``rounds`` were over."""
    key = book.form.status.key
    said = gathered.get((row.task.code, row.section))
    given = said.cell(key).given if said else []
    texts = [one.answer.text for one in given if one.round in rounds]
    choice = status.choice_of(book.form, {key: texts[-1]}) if texts else None
    return choice.meaning if choice else None
