"""Merge the registers of all files into entries and check them.

A register is returned whole each time. Two rows are the same entry where the identity
columns of the form (识别栏目) have equal values; where those are blank, or the form has
none, only where all cells are equal. An entry that a file lacks, though it was made of one
that had it, is not removed but reported, since it may have been lost. The second part of
the module computes the statutory time limits (法定期限) of entries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ledgerbook import identity
from ledgerbook.intake.file_content import EntryContent, FileContent, RegisterId
from ledgerbook.intake.status_synonyms import is_ditto
from ledgerbook.merge.answers import (
    AnswerHistory,
    CellCounts,
    ReturnedSheet,
    TaskAnswers,
    get_issued_texts,
    map_round_positions,
    merge_returned_sheets,
    sort_sheets,
)
from ledgerbook.model import Book, Column, DueRule, Form
from ledgerbook.model.form_columns import TEXT_TYPES
from ledgerbook.model.issued_values import RowTexts
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, AnswerSubject, RegisterEntry
from ledgerbook.statutory_limits import (
    NOT_COMPUTABLE,
    SOON_DAYS,
    UNREADABLE,
    WRONGLY_FILLED,
    DueDate,
    LimitStatus,
    compute_due_date,
    compute_status,
    find_mistaken_column,
    list_working_days,
    select_most_urgent,
)
from ledgerbook.text import normalize


@dataclass(frozen=True, slots=True)
class EntryKey:
    """The key of an entry: its register, section and identity values.

    ``repeat_index`` counts, from 0, entries of one file with the same identity.
    """

    form: str
    section: str
    identity_values: tuple[str, ...]
    repeat_index: int

    @property
    def identity_text(self) -> str:
        """The identity as the office writes it in its book."""
        return "、".join(self.identity_values)


def make_entry_code(key: EntryKey) -> str:
    """Return by what name a choice of the office (采用哪个) knows an entry."""
    repeat = f"#{key.repeat_index + 1}" if key.repeat_index else ""
    return identity.make_entry_code(key.form, key.section, f"{key.identity_text}{repeat}")


AnswersByEntry = Mapping[EntryKey, TaskAnswers]
PatchAdder = Callable[
    [Book, tuple[str, str], Sequence[ReturnedSheet[EntryKey]]], list[ReturnedSheet[EntryKey]]
]


def gather_entries(
    book: Book,
    files: Sequence[FileContent],
    counts: CellCounts,
    preferred: Collection[str] = (),
    add_patches: PatchAdder = lambda _book, _register, sheets: list(sheets),
) -> AnswersByEntry:
    """Return the answers of ``files``, which come oldest first, by entry.

    ``add_patches`` puts what the office says among the sheets of a section and register.
    """
    sheets_by_register = _list_register_sheets(book, files)
    answers_by_entry: dict[EntryKey, TaskAnswers] = {}
    office_registers = (
        (entry.form, entry.section)
        for entry in book.office_entries
        if entry.form != book.task_form.key
    )
    for form_key, section in dict.fromkeys((*sheets_by_register, *office_registers)):
        sheets = sheets_by_register.get((form_key, section), [])
        sort_sheets(sheets, preferred)
        patched = add_patches(book, (section, form_key), sheets)
        if form := book.find_form(form_key):
            answers_by_entry.update(merge_returned_sheets(form, patched, counts))
    return answers_by_entry


def _list_register_sheets(
    book: Book, files: Sequence[FileContent]
) -> dict[tuple[str, str], list[ReturnedSheet[EntryKey]]]:
    """Return the sheets of each register (its key) and section."""
    positions, issues = map_round_positions(book), book.map_newest_issues()
    sheets: dict[tuple[str, str], list[ReturnedSheet[EntryKey]]] = defaultdict(list)
    for file in files:
        entries_by_sheet: dict[tuple[RegisterId, str], list[EntryContent]] = {}
        for entry in file.entries:
            register = RegisterId(entry.section, entry.round, entry.form)
            entries_by_sheet.setdefault((register, entry.sheet), []).append(entry)
        filled_registers = {register for register, _ in entries_by_sheet}
        for register in sorted(file.registers - filled_registers):
            entries_by_sheet[register, ""] = []
        for (register, _), entries in entries_by_sheet.items():
            form = book.find_form(register.form)
            if form is None:
                continue
            texts = [_get_normalized_texts(entry.answers) for entry in entries]
            keys = _make_entry_keys(form, register.section, texts)
            issued_texts = get_issued_texts(
                file, issues, (register.round, register.section, register.form)
            )
            issued = _key_issued_entries(form, register.section, issued_texts)
            rows = dict(zip(keys, entries, strict=True))
            position = positions.get(register.round, -1)
            sheets[register.form, register.section].append(
                ReturnedSheet(file.report, register.round, issued, position, rows)
            )
    return sheets


def _key_issued_entries(
    form: Form, section: str, issued_texts: RowTexts
) -> dict[EntryKey, Mapping[str, str]]:
    """Return the entries that a register was issued with, by entry key."""
    issued = list(issued_texts.values())
    texts = [{key: normalize(text) for key, text in cells.items()} for cells in issued]
    return dict(zip(_make_entry_keys(form, section, texts), issued, strict=True))


def _make_entry_keys(
    form: Form, section: str, entries: Sequence[Mapping[str, str]]
) -> list[EntryKey]:
    """Return the keys of the entries of one sheet, given their normalized texts."""
    repeats: Counter[tuple[str, ...]] = Counter()
    keys = []
    for texts in entries:
        values = _make_entry_identity(form, texts)
        keys.append(EntryKey(form.key, section, values, repeats[values]))
        repeats[values] += 1
    return keys


def _make_entry_identity(form: Form, texts: Mapping[str, str]) -> tuple[str, ...]:
    identity_values = [texts.get(key, "") for key in form.identity]
    if any(identity_values):
        return tuple(identity_values)
    return tuple(f"{column.key}={texts.get(column.key, '')}" for column in form.answer_columns)


def _get_normalized_texts(answers: Mapping[str, Answer]) -> dict[str, str]:
    return {key: normalize(answer.text) for key, answer in answers.items()}


def build_entries(book: Book, answers_by_entry: AnswersByEntry) -> Iterator[RegisterEntry]:
    """Yield the entries in the book's order of registers and sections, then as entered.

    An entry that the office has struck is none.
    """
    rows_by_register: dict[tuple[str, str], list[TaskAnswers]] = defaultdict(list)
    for key, entry_answers in answers_by_entry.items():
        if not _is_struck(entry_answers):
            rows_by_register[key.form, key.section].append(entry_answers)
    for form in book.registers:
        for section in book.section_names:
            for entry_answers in rows_by_register[form.key, section]:
                answers = entry_answers.current
                rejected = frozenset(entry_answers.rejected - answers.keys())
                yield RegisterEntry(form, section, answers, entry_answers.places, rejected)


def _is_struck(answers: TaskAnswers) -> bool:
    """Return whether all that was said of an entry is cleared, or nothing ever was said."""
    if answers.current:
        return False
    return not answers.rejected or any(cell.replaced for cell in answers.cells.values())


def find_speaking_sections(answers_by_entry: AnswersByEntry, round_name: str) -> set[str]:
    """Return the sections whose registers say anything new in a round."""
    return {
        key.section
        for key, answers in answers_by_entry.items()
        if any(
            submission.is_said and submission.round == round_name
            for cell in answers.cells.values()
            for submission in cell.submissions
        )
    }


def collect_entry_histories(
    book: Book, answers_by_entry: AnswersByEntry
) -> Iterator[AnswerHistory]:
    """Yield the answered cells of all registers with their histories."""
    for key, entry_answers in answers_by_entry.items():
        form = book.find_form(key.form)
        if form is None:
            continue
        current = entry_answers.current
        identity_text = "、".join(
            current[column_key].text
            for column_key in form.identity or entry_answers.cells
            if column_key in current
        )
        label = f"{form.title}：{identity_text or key.identity_text}"
        subject = AnswerSubject(None, label, make_entry_code(key), form.key)
        for column in form.answer_columns:
            if column.key in entry_answers.cells:
                cell = entry_answers.cells[column.key]
                yield AnswerHistory(key.section, subject, column.header, cell)


def check_entries(book: Book, answers_by_entry: AnswersByEntry) -> Iterator[Problem]:
    """Yield the problems of all entries.

    These are missing answers, dates in the wrong order, cells that exclude each other,
    entries repeated within a file, entries of two sections about one thing, entries that a
    file lacks though it was made of one that had them, and entries that may be one.
    """
    entries = list(build_entries(book, answers_by_entry))
    rejected_cells = {
        (place.file, place.sheet, place.cell)
        for entry_answers in answers_by_entry.values()
        for column_key, place in entry_answers.places.items()
        if column_key in entry_answers.rejected
    }
    for entry in entries:
        yield from _check_required(entry, rejected_cells)
        yield from _check_order(entry)
        yield from _check_excluded(entry)
        yield from _check_empty_answers(entry, book.task_form)
    yield from _check_repeated(book, answers_by_entry)
    yield from _check_shared(entries)
    similar_pairs = _find_similar_entries(book, answers_by_entry)
    yield from _check_similar(book, answers_by_entry, similar_pairs)
    yield from _check_left_out(book, answers_by_entry, similar_pairs)


def _check_required(
    entry: RegisterEntry, rejected_cells: Collection[tuple[str, str, str]]
) -> Iterator[Problem]:
    for column in entry.form.answer_columns:
        place = entry.places.get(column.key)
        if place is None or column.key in entry.answers:
            continue
        if (place.file, place.sheet, place.cell) in rejected_cells:
            continue
        if any(entry.meets_condition(condition) for condition in column.required):
            values = {"header": column.header, "title": entry.form.title}
            yield _make_problem("entry-incomplete", entry, column.key, place, values)


def _check_empty_answers(entry: RegisterEntry, task_form: Form) -> Iterator[Problem]:
    """Report texts such as 见附件 where the form requires an answer; ``task_form`` lists them."""
    for column in entry.form.answer_columns:
        answer = entry.answers.get(column.key)
        if column.kind not in TEXT_TYPES or answer is None or is_ditto(answer.text):
            continue
        if any(
            task_form.is_empty_answer(answer.text, condition) and entry.meets_condition(condition)
            for condition in column.required
        ):
            values = {"header": column.header, "raw": answer.text}
            yield _make_problem("empty-answer", entry, column.key, answer.place, values)


def _check_order(entry: RegisterEntry) -> Iterator[Problem]:
    """Report dates and numbers below those of the column named by ``not_before``."""
    for column in entry.form.answer_columns:
        answer = entry.answers.get(column.key)
        earlier_answer = entry.answers.get(column.not_before)
        if answer is None or earlier_answer is None:
            continue
        value, least = answer.value, earlier_answer.value
        if type(value) is type(least) and value < least:  # type: ignore[operator]
            values = {
                "header": column.header,
                "raw": answer.text,
                "other": entry.form.get_column(column.not_before).header,
                "value": earlier_answer.text,
            }
            yield _make_problem("entry-order", entry, column.key, answer.place, values)


def _check_excluded(entry: RegisterEntry) -> Iterator[Problem]:
    """Report filled cells that another cell of the entry says must be blank (何时不填)."""
    for column in entry.form.answer_columns:
        answer = entry.answers.get(column.key)
        condition = next((c for c in column.excluded if entry.meets_condition(c)), None)
        if answer and condition:
            values = {
                "title": entry.form.title,
                "other": entry.form.get_column(condition.column).header,
                "value": entry.get_text(condition.column),
                "header": column.header,
                "raw": answer.text,
            }
            yield _make_problem("entry-excluded", entry, column.key, answer.place, values)


def _check_repeated(book: Book, answers_by_entry: AnswersByEntry) -> Iterator[Problem]:
    """Report rows of one file with the same identity, of which none has been struck."""
    for key, entry_answers in answers_by_entry.items():
        form = book.find_form(key.form)
        if not form or not form.identity or _is_struck(entry_answers):
            continue
        others = (replace(key, repeat_index=index) for index in range(key.repeat_index))
        if any(
            other in answers_by_entry and not _is_struck(answers_by_entry[other])
            for other in others
        ):
            place = next(iter(entry_answers.places.values()), Place())
            identity_text = "、".join(filter(None, key.identity_values))
            values = {"title": form.title, "raw": identity_text}
            yield Problem("entry-repeated", place, values, key.section)


def _check_shared(entries: Sequence[RegisterEntry]) -> Iterator[Problem]:
    """Report entries of two sections with the same identity."""
    entries_by_subject: dict[tuple[str, ...], dict[str, RegisterEntry]] = defaultdict(dict)
    for entry in entries:
        identity_values = [entry.get_text(key) for key in entry.form.identity]
        if any(identity_values):
            subject = (entry.form.key, *map(normalize, identity_values))
            entries_by_subject[subject].setdefault(entry.section, entry)
    for entry_by_section in entries_by_subject.values():
        first_entry, *other_entries = entry_by_section.values()
        for entry in other_entries:
            key = entry.form.identity[0]
            values = {
                "title": entry.form.title,
                "raw": "、".join(filter(None, map(entry.get_text, entry.form.identity))),
                "other": first_entry.section,
            }
            place = entry.places.get(key, Place())
            yield _make_problem("entry-shared", entry, key, place, values)


# A value that more entries share says nothing of which of them may be one.
_MAX_SHARING_ENTRIES = 50


def _find_similar_entries(book: Book, answers_by_entry: AnswersByEntry) -> dict[EntryKey, EntryKey]:
    """Return for each entry without a key of its own the earlier one that it may have been.

    The later one repeats more cells of the earlier than it changes, and no sheet shows both.
    """
    keys_by_value: dict[Hashable, list[EntryKey]] = defaultdict(list)
    similar_pairs: dict[EntryKey, EntryKey] = {}
    for key, answers in answers_by_entry.items():
        form = book.find_form(key.form)
        if form is None or any(answers.current.get(column) for column in form.identity):
            continue
        shared_counts: Counter[EntryKey] = Counter()
        texts = _get_normalized_texts(answers.current)
        for value in texts.items():
            keys = keys_by_value[key.form, key.section, value]
            if len(keys) <= _MAX_SHARING_ENTRIES:
                shared_counts.update(keys)
            keys.append(key)
        candidates = [
            (count, -position, other)
            for position, (other, count) in enumerate(shared_counts.items())
            if _may_be_one(texts, count, answers, answers_by_entry[other])
        ]
        if candidates:
            *_, similar_pairs[key] = max(candidates, key=lambda candidate: candidate[:2])
    return similar_pairs


def _may_be_one(
    texts: Mapping[str, str], shared_count: int, answers: TaskAnswers, earlier: TaskAnswers
) -> bool:
    column_count = len(texts.keys() | earlier.current.keys())
    is_later = max(earlier.shown_in) < max(answers.shown_in)
    return (
        is_later
        and 2 * shared_count > column_count
        and not (set(earlier.shown_in) & set(answers.shown_in))
    )


def _check_similar(
    book: Book, answers_by_entry: AnswersByEntry, similar_pairs: Mapping[EntryKey, EntryKey]
) -> Iterator[Problem]:
    """Ask about entries that may be an earlier one, edited."""
    for key, earlier_key in similar_pairs.items():
        form, answers = book.find_form(key.form), answers_by_entry[key]
        earlier = answers_by_entry[earlier_key]
        if form:
            values = {
                "title": form.title,
                "raw": _join_answers(answers),
                "file": _get_first_place(earlier).file,
                "other": _join_answers(earlier),
            }
            yield Problem("entry-similar", _get_first_place(answers), values, key.section)


def _check_left_out(
    book: Book, answers_by_entry: AnswersByEntry, similar_pairs: Mapping[EntryKey, EntryKey]
) -> Iterator[Problem]:
    """Report entries that a file lacks, though it was made of one that had them.

    One that may have been edited there is asked about instead.
    """
    edited_keys = set(similar_pairs.values())
    for key, answers in answers_by_entry.items():
        form = book.find_form(key.form)
        if form and answers.missing_from and answers.current and key not in edited_keys:
            place = _get_first_place(answers)
            values = {
                "title": form.title,
                "raw": _join_answers(answers),
                "newer": answers.missing_from,
                "file": place.file,
            }
            code = "entry-left-out-unnamed"
            # Under its key the office would strike the first of several.
            if any(column in answers.current for column in form.identity) and not key.repeat_index:
                code = "entry-left-out"
                values |= {
                    "section": key.section,
                    "row": _join_identity(form, answers),
                    "header": form.get_column(form.identity[0]).header,
                }
            yield Problem(code, place, values, key.section)


def _join_answers(answers: TaskAnswers) -> str:
    return "；".join(answer.text for answer in answers.current.values())


def _join_identity(form: Form, answers: TaskAnswers) -> str:
    """Return the identity of an entry as the office writes it in 更正代填."""
    current = answers.current
    return "、".join(current[key].text if key in current else "" for key in form.identity)


def _get_first_place(answers: TaskAnswers) -> Place:
    return next(iter(answers.places.values()), Place())


def _make_problem(
    code: str,
    entry: RegisterEntry,
    column: str,
    place: Place,
    values: Mapping[str, str],
) -> Problem:
    return Problem(code, place, values, entry.section, column=column)


# --- statutory time limits of entries ---


def compute_entry_due_date(entry: RegisterEntry, column: Column, year: int) -> DueDate:
    """Compute the due date that ``column`` shows, in a book of ``year``."""
    return (
        compute_due_date(column.due, _collect_limit_values(entry), list_working_days(year))
        if column.due
        else DueDate()
    )


def compute_column_status(
    entry: RegisterEntry, column: Column, year: int, as_of: date, soon_days: int = SOON_DAYS
) -> LimitStatus:
    """Return how an entry stands on ``as_of`` against the limit in ``column``."""
    if column.due is None:
        return LimitStatus.NONE
    return compute_status(
        column.due,
        compute_entry_due_date(entry, column, year),
        _collect_limit_values(entry),
        as_of,
        soon_days,
    )


def compute_entry_status(entry: RegisterEntry, year: int, as_of: date) -> LimitStatus:
    """Return how an entry stands; of several limits the gravest status."""
    return select_most_urgent(
        compute_column_status(entry, column, year, as_of) for column in entry.form.due_columns
    )


def _collect_limit_values(entry: RegisterEntry) -> dict[str, object]:
    values: dict[str, object] = dict.fromkeys(entry.rejected_columns, UNREADABLE)
    return values | {key: answer.value for key, answer in entry.answers.items()}


def check_limits(book: Book, entries: Sequence[RegisterEntry], as_of: date) -> Iterator[Problem]:
    """Report entries that are overdue and open, and limits that cannot be computed."""
    for entry in entries:
        for column in entry.form.due_columns:
            rule = column.due
            if rule is None:
                continue
            due_date = compute_entry_due_date(entry, column, book.year)
            if due_date.reason == WRONGLY_FILLED:
                yield from _check_mistaken_pause(entry, column, rule)
            elif rule.closed in entry.answers:
                continue
            elif due_date.reason == NOT_COMPUTABLE:
                details = {"detail": _describe_calendar_range(book.year)}
                yield _make_limit_problem("entry-limit-unknown", entry, column, rule.start, details)
            elif compute_column_status(entry, column, book.year, as_of) is LimitStatus.OVERDUE:
                overdue_values = {"value": str(due_date.display_value)}
                yield _make_limit_problem(
                    "entry-overdue", entry, column, rule.start, overdue_values
                )


def _check_mistaken_pause(entry: RegisterEntry, column: Column, rule: DueRule) -> Iterator[Problem]:
    """Report a pause that ends before it begins.

    Nothing is reported where a problem of its cells says so already.
    """
    key = find_mistaken_column(rule, _collect_limit_values(entry))
    pair = next((pair for pair in rule.paused if key in pair), None)
    if pair is None or key in entry.rejected_columns:
        return
    start_key, end_key = pair
    has_order_check = entry.form.get_column(end_key).not_before == start_key
    if has_order_check and start_key in entry.answers:
        return
    headers = {
        "first": entry.form.get_column(start_key).header,
        "last": entry.form.get_column(end_key).header,
    }
    yield _make_limit_problem("entry-limit-mistaken", entry, column, key, headers)


def _describe_calendar_range(year: int) -> str:
    """Return a clause that names the years whose working days are known."""
    working_days = list_working_days(year)
    if not working_days:
        return "没有用得上的放假安排"
    first_year, last_year = working_days[0].year, working_days[-1].year
    return f"要用到的日子超出了已有的放假安排（{first_year} 年至 {last_year} 年）"


def _make_limit_problem(
    code: str,
    entry: RegisterEntry,
    column: Column,
    key: str,
    extra_values: dict[str, str],
) -> Problem:
    """Make a problem of the limit in ``column``, placed at the cell of ``key``."""
    identity_text = "、".join(filter(None, map(entry.get_text, entry.form.identity)))
    values = {
        "title": entry.form.title,
        "raw": identity_text or "没有写明是哪一件",
        "header": column.header,
        **extra_values,
    }
    place = entry.places.get(key, Place())
    return Problem(code, place, values, entry.section, column=key)
