"""Merge the summaries of many units into one roll-up.

:func:`roll_up` takes what the files contain (:class:`SummaryRead`) and returns a
:class:`Rollup`. Each unit counts once, by its newest summary; every row of every file
is in the roll-up or counted by one of its problems. A unit is known by its path, such
as 市/局.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ledgerbook.deadlines import judge_urgency
from ledgerbook.export import (
    ADDED_PREFIX,
    CLOSED_CLASSES,
    COLUMN_KEYS,
    OTHER_CLASS,
    PATH_SEPARATOR,
    SCHEMA,
    STATUS_CLASSES,
    DetailRow,
    ExportColumn,
    ExportType,
    build_columns,
    choose_value_type,
    format_place,
    is_export_name,
)
from ledgerbook.intake.file_content import FileContent
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    EARLIEST_TIME,
    NOT_ISSUED,
    FileReport,
    FileStatus,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.summary.metadata import SectionFact, SummaryFacts, UnitFact
from ledgerbook.text import normalize


@dataclass(frozen=True, slots=True)
class RollupRequest:
    """What a roll-up should be.

    ``year`` is 0 for the year of most summaries; ``expected`` are the units that should
    report, None where no list was given. Columns of personal data are left out unless
    ``personal_data``.
    """

    as_of: date
    name: str = ""
    year: int = 0
    expected: tuple[str, ...] | None = None
    personal_data: bool = False


def roll_up(file_reads: Sequence[FileContent], request: RollupRequest) -> Rollup:
    """Merge what the files contain; the order of the files does not matter."""
    file_reads = [
        replace(file_read, problems=tuple(map(convert_file_problem, file_read.problems)))
        for file_read in sorted(file_reads, key=lambda file_read: file_read.report.name)
    ]
    summaries = [
        file_read
        for file_read in file_reads
        if isinstance(file_read, SummaryRead) and file_read.facts
    ]
    year = request.year or _choose_year(summaries)
    unit_candidates, year_problems = _separate_by_year(summaries, year)
    newest_candidates, superseded_problems = select_newest(
        unit_candidates, prefers_full=request.personal_data
    )
    selected = sort_candidates(newest_candidates, request.expected or ())
    all_columns = choose_columns(selected)
    omitted_keys = () if request.personal_data else find_omitted_keys(selected)
    columns = tuple(column for column in all_columns if column.key not in omitted_keys)
    personal_keys = find_personal_keys(selected, columns) if request.personal_data else omitted_keys
    units = [_build_unit(candidate, columns, request.as_of) for candidate in selected]
    has_expected_list = request.expected is not None
    problems = [
        *(problem for file_read in file_reads for problem in file_read.problems),
        *year_problems,
        *superseded_problems,
        *(problem for unit in units for problem in _check_wordings(unit, all_columns)),
        *(_find_unlisted_units(units, request.expected or ()) if has_expected_list else ()),
    ]
    sorted_problems = tuple(sorted(problems, key=_build_sort_key))
    return Rollup(
        name=request.name,
        year=year,
        as_of=request.as_of,
        units=tuple(_count_unit_problems(units, sorted_problems)),
        files=_report_files(file_reads, sorted_problems, units),
        problems=sorted_problems,
        missing=tuple(_find_missing(units, summaries, selected, request.expected)),
        detail_row_count=sum(file_read.filled_count for file_read in file_reads),
        has_expected_list=has_expected_list,
        rejudged_count=_count_rejudged_rows(selected, units),
        statuses=_classify_statuses(selected),
        columns=columns,
        personal_keys=personal_keys,
        lacks_personal_data=not request.personal_data,
    )


def _separate_by_year(
    summaries: Sequence[SummaryRead], year: int
) -> tuple[list[Candidate], list[Problem]]:
    """Return the units of ``year``, and a problem for each summary of another year."""
    unit_candidates: list[Candidate] = []
    problems: list[Problem] = []
    for summary in summaries:
        if summary.facts and summary.facts.year != year:
            problems.append(_build_year_problem(summary, summary.facts, year))
        else:
            unit_candidates += list_candidates(summary)
    return unit_candidates, problems


def _count_unit_problems(units: Sequence[Unit], problems: Sequence[Problem]) -> Iterator[Unit]:
    """Yield the units with the number of errors of their files, of one unit each."""
    error_counts = Counter(p.place.file for p in problems if p.is_error)
    units_per_file = Counter(unit.file for unit in units)
    for unit in units:
        is_only_unit = units_per_file[unit.file] == 1
        yield replace(unit, problems=error_counts[unit.file]) if is_only_unit else unit


def _count_rejudged_rows(selected: Sequence[Candidate], units: Sequence[Unit]) -> int:
    """Count the rows that became urgent after their own summary was made."""
    return sum(
        before.urgency != after.urgency
        for candidate, unit in zip(selected, units, strict=True)
        for before, after in zip(candidate.rows, unit.rows, strict=True)
    )


def convert_file_problem(problem: Problem) -> Problem:
    """Return a problem of a file in words that speak of summaries, not of returns."""
    if not problem.code.startswith("file-") or problem.code == "file-archive-read":
        return problem
    if is_export_name(problem.place.file):
        return replace(problem, code="summary-export", values={})
    code = "summary-unread" if problem.is_error else "summary-skipped"
    return replace(problem, code=code, values={"what": problem.message})


def _choose_year(summaries: Sequence[SummaryRead]) -> int:
    """Return the year of most summaries; of several such years the latest."""
    counts = Counter(summary.facts.year for summary in summaries if summary.facts)
    return max(counts, key=lambda year: (counts[year], year), default=0)


def _build_year_problem(summary: SummaryRead, facts: SummaryFacts, year: int) -> Problem:
    row_count = len(summary.detail)
    values = {"found": str(facts.year), "year": str(year), "count": str(row_count)}
    return Problem("summary-year", Place(summary.report.name), values, rejected_cells=row_count)


# --- units and their rows ---


def choose_columns(selected: Sequence[Candidate]) -> tuple[ExportColumn, ...]:
    """Return the columns of the detail: the common schema, adapted where all units agree.

    A column has another header than the schema's only where all units head it so. A column
    that units have added to their forms is a column here only where all of them have one
    with that header; otherwise its answers stand under 其他栏目.
    """
    columns_by_file = {
        candidate.summary.report.name: candidate.facts.columns or _SCHEMA_HEADERS
        for candidate in selected
    }
    headers: dict[str, str] = {}
    for key in COLUMN_KEYS:
        file_headers = {columns[key] for columns in columns_by_file.values() if columns.get(key)}
        if len(file_headers) == 1:
            headers[key] = file_headers.pop()
    added_headers = [
        [header for key, header in columns.items() if key.startswith(ADDED_PREFIX)]
        for columns in columns_by_file.values()
    ]
    first_file_headers = added_headers[0] if added_headers else []
    common_headers = [
        header for header in first_file_headers if all(header in names for names in added_headers)
    ]
    added = [
        (key, header, choose_value_type(row.get_value(key) for c in selected for row in c.rows))
        for header in common_headers
        for key in [f"{ADDED_PREFIX}{header}"]
    ]
    return build_columns(headers, added)


def find_omitted_keys(selected: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the keys of columns that a roll-up without personal data does not have.

    Every unit that has the column marks it. Where some do not, it stays: the contents of the
    others were left out when they were read. So does 其他栏目.
    """
    marked_keys = [_list_marked_keys(candidate) for candidate in selected]
    return tuple(
        key
        for key in sorted({key for keys in marked_keys for key in keys} - {_OTHER_KEY})
        if all(
            key in keys or not _has_column(candidate.facts, key)
            for candidate, keys in zip(selected, marked_keys, strict=True)
        )
    )


def find_personal_keys(
    selected: Sequence[Candidate], columns: Sequence[ExportColumn]
) -> tuple[str, ...]:
    """Return the keys among ``columns`` where any unit has personal data.

    What a unit has marked and is no column here stands under 其他栏目.
    """
    keys = {column.key for column in columns}
    marked = {key for candidate in selected for key in _list_marked_keys(candidate)}
    return tuple(sorted({key if key in keys else _OTHER_KEY for key in marked}))


def _list_marked_keys(candidate: Candidate) -> set[str]:
    """Return the personal keys of a unit as its rows have them: added ones by their header."""
    facts = candidate.facts
    return {
        f"{ADDED_PREFIX}{facts.columns[key]}"
        if key.startswith(ADDED_PREFIX) and key in facts.columns
        else key
        for key in facts.personal_keys
    }


def _has_column(facts: SummaryFacts, key: str) -> bool:
    if key.startswith(ADDED_PREFIX):
        return key.removeprefix(ADDED_PREFIX) in facts.columns.values()
    return key in (facts.columns or _SCHEMA_HEADERS)


_OTHER_KEY = "other"
_SCHEMA_HEADERS: Mapping[str, str] = {column.key: column.header for column in SCHEMA}


def _build_unit(candidate: Candidate, columns: Sequence[ExportColumn], as_of: date) -> Unit:
    filename = candidate.summary.report.name
    rows = tuple(
        _build_row(_fit_to_columns(row, columns), candidate, as_of) for row in candidate.rows
    )
    sections = tuple(
        replace(section, unit=candidate.path)
        for section in candidate.facts.sections
        if not candidate.facts.is_merged or section.unit == candidate.fact.path
    )
    fact = candidate.fact
    changed_rows = frozenset(
        code for path, code in candidate.facts.changed_rows if path == fact.path
    )
    return Unit(
        candidate.path,
        filename,
        fact.as_of,
        fact.book_id,
        rows,
        sections,
        fact.problem_count,
        changed_rows=changed_rows,
    )


def _fit_to_columns(row: DetailRow, columns: Sequence[ExportColumn]) -> DetailRow:
    """Move the answers of added columns that are no columns here to 其他栏目."""
    added_keys = _list_added_keys(row)
    if not added_keys:
        return row
    types = {column.key: column.type for column in columns}
    texts = {
        key: row.get_text(key)
        for key in added_keys
        if types.get(key) is ExportType.TEXT and not isinstance(row.get_value(key), str)
    }
    return row.with_values(**texts).move_to_other(added_keys - types.keys())


def _list_added_keys(row: DetailRow) -> set[str]:
    return {key for key in row.values if key.startswith(ADDED_PREFIX)}


def _build_row(row: DetailRow, candidate: Candidate, as_of: date) -> DetailRow:
    sources = [candidate.summary.report.name]
    sources += [" ".join(row.get_text("source").split("\n"))] if row.get_text("source") else []
    adopted = row.get_value("adopted")
    return _rejudge_row(
        row.with_values(
            unit=candidate.path,
            source=" ← ".join(sources),
            place=format_place(row.place),
            **({"result": adopted} if adopted else {}),
        ),
        candidate.fact.as_of,
        as_of,
    )


def _rejudge_row(row: DetailRow, judged_on: date, as_of: date) -> DetailRow:
    """Return ``row`` judged on ``as_of``, if it was judged on an earlier day.

    A row that its summary calls overdue stays so; a closed one, or one that its section was
    not asked for, does not become overdue.
    """
    is_overdue = row.urgency == Urgency.OVERDUE.value
    is_exempt = row.status_class in CLOSED_CLASSES or row.status_class == NOT_ISSUED
    if as_of <= judged_on or is_overdue or is_exempt or row.due is None:
        return row
    new_urgency = judge_urgency(row.due, None, as_of)
    return row if new_urgency is Urgency.NONE else row.with_values(urgency=new_urgency.value)


def _classify_statuses(selected: Sequence[Candidate]) -> dict[str, str]:
    """Return the class of every status in use, by its text.

    The class is blank where units class the same text differently; then the class of each
    row counts.
    """
    classes_by_status: dict[str, set[str]] = {}
    for candidate in selected:
        for row in candidate.rows:
            classes_by_status.setdefault(row.get_text("status"), set()).add(
                row.status_class or OTHER_CLASS
            )
    class_by_status = {s: min(k) if len(k) == 1 else "" for s, k in classes_by_status.items()}
    class_order = ("", *STATUS_CLASSES)
    return dict(sorted(class_by_status.items(), key=lambda s: (class_order.index(s[1]), s[0])))


def _check_wordings(unit: Unit, columns: Sequence[ExportColumn]) -> Iterator[Problem]:
    """Report rows whose answers changed after the unit's office adopted their wording."""
    header = next(column.header for column in columns if column.key == "result")
    # Most units have none: their rows, of which there may be many, need no look.
    for row in unit.rows if unit.changed_rows else ():
        code = row.get_text("row_code")
        if code in unit.changed_rows and row.get_text("adopted"):
            values = {
                "unit": unit.path,
                "number": row.get_text("number"),
                "section": row.section,
                "row": code,
                "header": header,
            }
            yield Problem("summary-adopted-changed", row.place, values)


# --- who is not there ---


def _find_unlisted_units(units: Sequence[Unit], expected: Sequence[str]) -> Iterator[Problem]:
    expected_names = {normalize(name) for name in expected}
    for unit in units:
        levels = {normalize(part) for part in unit.path.split(PATH_SEPARATOR)}
        if not expected_names & (list_unit_names(unit.path) | levels):
            yield Problem("summary-unlisted", Place(unit.file), {"unit": unit.path})


_NO_FILE_REASON = "没有收到它的汇总"
_MISSING_BELOW_REASON = "下级汇总里注明没有报来"


def _find_missing(
    units: Sequence[Unit],
    summaries: Sequence[SummaryRead],
    selected: Sequence[Candidate],
    expected: Sequence[str] | None,
) -> Iterator[MissingSubmission]:
    """Yield who should have reported and has not: units first, then sections."""
    present_names = {name for unit in units for name in list_unit_names(unit.path)}
    # A level is there when any of its units is.
    present_names |= {
        normalize(section) for unit in units for section in unit.path.split(PATH_SEPARATOR)[:-1]
    }
    listed_names: set[str] = set()
    for name in expected or ():
        if normalize(name) not in present_names and normalize(name) not in listed_names:
            listed_names.add(normalize(name))
            yield MissingSubmission(name.strip(), "", _NO_FILE_REASON)
    selected_ids = {id(candidate.summary) for candidate in selected}
    for summary in summaries:
        for path in (
            summary.facts.missing_units if summary.facts and id(summary) in selected_ids else ()
        ):
            full_path = join_unit_path(summary.facts, path) if summary.facts else path
            if (
                normalize(full_path) not in present_names
                and normalize(full_path) not in listed_names
                and not list_unit_names(full_path) & present_names
            ):
                listed_names.add(normalize(full_path))
                yield MissingSubmission(full_path, "", _MISSING_BELOW_REASON)
    for unit in units:
        for section in unit.missing_sections:
            yield MissingSubmission(unit.path, section.section, section.status)


# --- files ---


def _build_sort_key(problem: Problem) -> tuple[bool, str, str, int, str]:
    place = problem.place
    return (
        not problem.is_error,
        place.file,
        place.sheet,
        place.row_number,
        f"{place.cell}{problem.code}{problem.message}",
    )


def _report_files(
    file_reads: Sequence[FileContent],
    problems: Sequence[Problem],
    units: Sequence[Unit],
) -> tuple[FileReport, ...]:
    """Return the report of every file with its status and number of rows."""
    problems_by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        problems_by_file[problem.place.file].append(problem)
    units_by_file: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        units_by_file[unit.file].append(unit)
    return tuple(
        _report_file(
            file_read, problems_by_file[file_read.report.name], units_by_file[file_read.report.name]
        )
        for file_read in file_reads
    )


def _report_file(
    file_read: FileContent, file_problems: Sequence[Problem], file_units: Sequence[Unit]
) -> FileReport:
    """Return the report of a file from its own problems and units."""
    report = file_read.report
    if not isinstance(file_read, SummaryRead) or file_read.facts is None:
        return _report_other_file(report, file_problems)
    rejected_count = sum(problem.rejected_cells for problem in file_problems)
    error_count = sum(problem.is_error for problem in file_problems)
    if not file_units:
        verdict = FileStatus.REJECTED if error_count else FileStatus.SKIPPED
    elif rejected_count:
        verdict = FileStatus.PARTIALLY_ACCEPTED
    else:
        verdict = FileStatus.ACCEPTED_WITH_PROBLEMS if error_count else FileStatus.ACCEPTED
    notes = [f"有 {error_count} 处须处理"] if error_count else []
    notes += [f"{rejected_count} 行没有并入"] if rejected_count else []
    return replace(
        report,
        status=verdict,
        sections=tuple(unit.path for unit in file_units),
        cell_count=sum(len(unit.rows) for unit in file_units),
        note="，".join(notes),
    )


def _report_other_file(report: FileReport, problems: Sequence[Problem]) -> FileReport:
    """Return the report of a file that is no summary."""
    if not problems or report.fault:
        return report
    has_error = any(problem.is_error for problem in problems)
    verdict = FileStatus.REJECTED if has_error else FileStatus.SKIPPED
    return replace(report, status=verdict, note=problems[0].message)


def list_section_facts(unit: Unit) -> tuple[SectionFact, ...]:
    """Return the sections of a unit, also those that only its rows name, in order."""
    facts_by_section = {fact.section: fact for fact in unit.sections}
    counts = Counter(row.section for row in unit.rows)
    for row in unit.rows:
        facts_by_section.setdefault(row.section, SectionFact(unit.path, row.section, ""))
    return tuple(replace(fact, rows=counts[name]) for name, fact in facts_by_section.items())


def build_rollup_facts(rollup: Rollup) -> SummaryFacts:
    """Return the facts that the roll-up states for the level above it."""
    counts = Counter(row.get_text("status") for row in rollup.rows)
    return SummaryFacts(
        name=rollup.name,
        year=rollup.year,
        as_of=rollup.as_of,
        row_count=rollup.merged_row_count,
        is_merged=True,
        units=tuple(
            UnitFact(
                unit.path,
                unit.book_id,
                unit.as_of,
                len(unit.rows),
                unit.unsettled + unit.problems,
            )
            for unit in rollup.units
        ),
        sections=tuple(section for unit in rollup.units for section in list_section_facts(unit)),
        columns={column.key: column.header for column in rollup.columns},
        statuses=rollup.statuses,
        status_counts=dict(sorted(counts.items())),
        missing_units=tuple(
            submission.unit for submission in rollup.missing if not submission.section
        ),
        received_count=rollup.detail_row_count,
        accounted_count=rollup.merged_row_count + rollup.rejected_row_count,
        changed_rows=tuple(
            (unit.path, code) for unit in rollup.units for code in sorted(unit.changed_rows)
        ),
        personal_keys=rollup.personal_keys,
        lacks_personal_data=rollup.lacks_personal_data,
    )


# --- several summaries of one unit: the newest counts ---


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit as one file has it; ``path`` is its path in this roll-up."""

    path: str
    fact: UnitFact
    summary: SummaryRead
    facts: SummaryFacts
    rows: tuple[DetailRow, ...]

    def get_recency(
        self, *, prefers_full: bool = False
    ) -> tuple[date, bool, datetime, bool, str, str]:
        """Return what tells which of two summaries counts: the greater one.

        With ``prefers_full`` one that lacks personal data gives way to another of its day.
        """
        report = self.summary.report
        saved_at = report.saved_at or EARLIEST_TIME
        # Of what is equally new, the one that came through the level between.
        is_indirect = PATH_SEPARATOR in self.path
        is_full = prefers_full and not self.facts.lacks_personal_data
        return self.fact.as_of, is_full, saved_at, is_indirect, report.sha256, report.name

    @property
    def content(self) -> list[Mapping[str, object]]:
        """What the rows say, but for personal data, which one of two summaries may lack."""
        left_out = _list_marked_keys(self)
        return [_normalize_row(row, left_out) for row in self.rows]


# The values that depend on the way by which a row came.
_ROUTE_KEYS = ("unit", "source", "place")


def _normalize_row(row: DetailRow, left_out: Collection[str]) -> Mapping[str, object]:
    """Return the values of ``row`` as they are whichever way the row came, without ``left_out``.

    They are compared to find two summaries of one unit that say the same.
    """
    row = replace(row, values={k: v for k, v in row.values.items() if k not in left_out})
    row = row.move_to_other(_list_added_keys(row))
    values = {key: value for key, value in row.values.items() if key not in _ROUTE_KEYS}
    return {**values, "other": sorted(row.get_text("other").split("\n"))}


def list_candidates(summary: SummaryRead) -> Iterator[Candidate]:
    """Yield the units of one file, every row belonging to one of them."""
    facts = summary.facts
    if facts is None:
        return
    by_unit: dict[str, list[DetailRow]] = {}
    for row in summary.detail:
        by_unit.setdefault(row.unit if facts.is_merged else "", []).append(row)
    facts_by_path = {fact.path: fact for fact in facts.units}
    if not facts.is_merged:
        facts_by_path = {"": next(iter(facts.units), UnitFact("", "", facts.as_of, 0))}
    for path in sorted({*facts_by_path, *by_unit}):
        rows = by_unit.get(path, [])
        fact = facts_by_path.get(path) or UnitFact(path, "", facts.as_of, len(rows))
        yield Candidate(join_unit_path(facts, path), fact, summary, facts, tuple(rows))


def join_unit_path(facts: SummaryFacts, path: str) -> str:
    """Return the path of a unit one level up: its summary's name before ``path``."""
    name = facts.name.strip()
    if not facts.is_merged:
        # A name must not look like a path.
        return name.replace(PATH_SEPARATOR, "\uff0f") or _UNNAMED_UNIT
    return PATH_SEPARATOR.join(filter(None, (name.replace(PATH_SEPARATOR, "\uff0f"), path)))


_UNNAMED_UNIT = "（未写明单位）"


def select_newest(
    unit_candidates: Sequence[Candidate], *, prefers_full: bool = False
) -> tuple[list[Candidate], list[Problem]]:
    """Return the newest candidate of each unit, and a problem for each of the others.

    A unit is known by its path, and by the id of its book together with its own name,
    since it may have come both directly and through the level between. ``prefers_full``: of
    two of one day that which has personal data.
    """

    def get_recency(candidate: Candidate) -> tuple[date, bool, datetime, bool, str, str]:
        return candidate.get_recency(prefers_full=prefers_full)

    selected: list[Candidate] = []
    problems: list[Problem] = []
    selected_by_key: dict[str, Candidate] = {}
    selected_by_book: dict[str, Candidate] = {}
    for candidate in sorted(unit_candidates, key=get_recency, reverse=True):
        book = candidate.fact.book_id
        keys = [f"path:{normalize(candidate.path)}"]
        keys += [f"book:{book}:{get_last_name(candidate.path)}"] if book else []
        winner = next((selected_by_key[key] for key in keys if key in selected_by_key), None)
        if winner is not None:
            problems.append(_build_superseded_problem(candidate, winner))
            continue
        selected.append(candidate)
        selected_by_key |= dict.fromkeys(keys, candidate)
        if book and book in selected_by_book:
            same_book = selected_by_book[book]
            values = {"unit": candidate.path, "other": same_book.path}
            place = Place(candidate.summary.report.name)
            problems.append(Problem("summary-same-book", place, values))
        selected_by_book.setdefault(book, candidate)
    return selected, problems


def _build_superseded_problem(candidate: Candidate, winner: Candidate) -> Problem:
    book_ids = {candidate.fact.book_id, winner.fact.book_id} - {""}
    if candidate.content == winner.content:
        code = "summary-again"
    elif len(book_ids) > 1:
        code = "summary-namesake"
    elif candidate.fact.as_of < winner.fact.as_of:
        code = "summary-superseded"
    else:
        code = "summary-twice"
    values = {
        "unit": candidate.path,
        "newer": winner.summary.report.name,
        "count": str(len(candidate.rows)),
    }
    place = Place(candidate.summary.report.name)
    return Problem(code, place, values, rejected_cells=len(candidate.rows))


def list_unit_names(path: str) -> set[str]:
    """Return the names by which a list may mean a unit: its path, or its last name."""
    return {normalize(path), get_last_name(path)}


def get_last_name(path: str) -> str:
    return normalize(path.rpartition(PATH_SEPARATOR)[2])


def sort_candidates(selected: Sequence[Candidate], expected: Sequence[str]) -> list[Candidate]:
    """Return the units in the order of the list, then by path, each level together."""
    positions = {normalize(name): n for n, name in enumerate(expected)}

    def find_position(*unit_names: str) -> int:
        return min(
            (positions.get(normalize(name), len(positions)) for name in unit_names),
            default=0,
        )

    def get_top_level(path: str) -> str:
        return path.partition(PATH_SEPARATOR)[0]

    level_positions: dict[str, int] = {}
    for candidate in selected:
        position = find_position(*list_unit_names(candidate.path), get_top_level(candidate.path))
        level_positions[get_top_level(candidate.path)] = min(
            position, level_positions.get(get_top_level(candidate.path), position)
        )
    return sorted(
        selected,
        key=lambda candidate: (
            level_positions[get_top_level(candidate.path)],
            get_top_level(candidate.path),
            find_position(*list_unit_names(candidate.path)),
            candidate.path,
        ),
    )


# --- the results ---


@dataclass(frozen=True, slots=True)
class SummaryRead(FileContent):
    """What was read of one file that may be a summary.

    ``facts`` is None where it is none; ``filled_count`` counts the rows of its detail, and
    ``detail`` are the rows, whose unit is the path within the file.
    """

    facts: SummaryFacts | None = None
    detail: tuple[DetailRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit (a bureau) in the roll-up; ``path`` such as 市/局.

    ``as_of`` is the day of its own summary, ``unsettled`` the number of problems that it
    had still to settle then, ``problems`` that of errors in reading the summary;
    ``changed_rows`` are the codes of rows that changed after their wording was adopted.
    """

    path: str
    file: str
    as_of: date
    book_id: str
    rows: tuple[DetailRow, ...]
    sections: tuple[SectionFact, ...]
    unsettled: int = 0
    problems: int = 0
    changed_rows: frozenset[str] = frozenset()

    @property
    def task_count(self) -> int:
        """The number of tasks that the rows are of: row codes without the section's part."""
        return len({row.get_text("row_code").rpartition("-")[0] for row in self.rows})

    @property
    def missing_sections(self) -> tuple[SectionFact, ...]:
        """The sections whose answers are not in the unit's summary."""
        return tuple(section for section in self.sections if section.status in ABSENT_STATUSES)


# The submission statuses of sections whose answers are in no summary.
ABSENT_STATUSES = frozenset(status.value for status in SubmissionStatus if status.is_absent)


@dataclass(frozen=True, slots=True)
class MissingSubmission:
    """A unit that has not reported, or a section that has not reported to its unit."""

    unit: str
    section: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rollup:
    """The summaries of many units, merged. Units and rows stand in order of path.

    ``detail_row_count`` are all rows of all details. Each is among ``units`` or held by one of
    ``problems``. ``has_expected_list`` tells whether a list of who should report was given.
    ``rejudged_count`` counts rows that have become overdue since their own summary.
    ``columns`` are those of the rows (:func:`choose_columns`). ``personal_keys`` are the keys of
    personal data, which the columns lack if ``lacks_personal_data``.
    """

    name: str
    year: int
    as_of: date
    units: tuple[Unit, ...]
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    missing: tuple[MissingSubmission, ...]
    detail_row_count: int
    has_expected_list: bool = False
    rejudged_count: int = 0
    statuses: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ExportColumn, ...] = SCHEMA
    personal_keys: tuple[str, ...] = ()
    lacks_personal_data: bool = True

    @property
    def rows(self) -> tuple[DetailRow, ...]:
        return tuple(row for unit in self.units for row in unit.rows)

    @property
    def merged_row_count(self) -> int:
        return sum(len(unit.rows) for unit in self.units)

    @property
    def rejected_row_count(self) -> int:
        return sum(problem.rejected_cells for problem in self.problems)

    @property
    def is_balanced(self) -> bool:
        """Whether every row that was found is here or counted by a problem."""
        return self.detail_row_count == self.merged_row_count + self.rejected_row_count

    @property
    def needs_attention(self) -> bool:
        return (
            not self.is_balanced
            or bool(self.missing)
            or any(problem.is_error for problem in self.problems)
        )
