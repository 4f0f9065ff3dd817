"""Find out how far the year's work in a folder has come, and what to do next.

The folder holds the book and, beside it, 发出 (issued workbooks), 收回 (returns) and 汇总
(the summary). :func:`read_workspace` reads their state and writes nothing. The other
functions turn the state into the next command and into Chinese sentences; the command
line without a command (:mod:`ledgerbook.cli.workspace_status`) prints them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from ledgerbook.commands.arguments import StrPath, to_path
from ledgerbook.commands.collect import CORRECTIONS_FOLDER
from ledgerbook.commands.diagnose import DIAGNOSIS_NAME
from ledgerbook.commands.update import COPY_MARK
from ledgerbook.errors import FileError, describe_os_error
from ledgerbook.merge.open_matters import OpenCounts
from ledgerbook.model import Book, NoDeadline, Round
from ledgerbook.model.messages import INSTALLER
from ledgerbook.model.results import DUE_SOON_DAYS, SubmissionStatus
from ledgerbook.storage import locks
from ledgerbook.storage.file_names import OFFICE_LOCK_PREFIX, is_leftover, make_file_names
from ledgerbook.storage.folders import find_files, is_link, is_readable_whole
from ledgerbook.text import fit_to_cell, make_single_line

# The default folders of the commands, beside the book.
ISSUED_FOLDER = "发出"
RETURNED_FOLDER = "收回"
SUMMARY_FOLDER = "汇总"
REMINDERS_FOLDER = "催办"
# Who was reminded is given so many days.
_REMINDER_DAYS = 7
_MAX_LISTED_NAMES = 12
_WORKBOOK_SUFFIXES = {".xlsx", ".xlsm"}
# Formats in which WPS may have saved a book, but which cannot be read as one.
_OTHER_WORKBOOK_SUFFIXES = {".xls", ".et", ".ods"}
# The names of books usually begin so.
_BOOK_WORD = "台账"
_PLAN_SUFFIXES = {
    *(".docx", ".doc", ".wps", ".pdf"),
    *(".xlsx", ".xls", ".et", ".csv"),
    *(".txt", ".html", ".htm", ".mht"),
}
_PLAN_WORDS = ("方案", "要点", "分工")


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """A round, and the number of sections whose workbooks were issued in it."""

    round: Round
    issued_count: int


@dataclass(frozen=True, slots=True)
class SummaryStatus:
    """The state of the annual summary; ``name`` is its path below the folder.

    ``as_of`` and ``missing_sections`` are blank when its metadata cannot be read; of
    ``not_read_sections`` the program could not read a file. ``corrections`` are the sections
    with a workbook in 退回修改, ``rejected_files`` the returns of which nothing could be used;
    ``new_returns`` counts the files in 收回 that are not in it; ``is_outdated`` means that
    the book was saved after it. ``open_counts`` is None where it does not say what was open.
    """

    name: str
    as_of: date | None = None
    missing_sections: tuple[str, ...] = ()
    new_returns: int = 0
    is_outdated: bool = False
    not_read_sections: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    rejected_files: tuple[str, ...] = ()
    open_counts: OpenCounts | None = None

    @property
    def is_current(self) -> bool:
        """Whether nothing has come or changed since it was made."""
        return not (self.new_returns or self.is_outdated)


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """The state of a folder with one book.

    ``name`` is the book's file name; ``return_count`` is None when there is no folder 收回;
    ``draft_name`` is the file name of the annual report's draft if it exists; ``opened_by``
    names the program that has the book open, if any.
    """

    name: str
    book: Book
    rounds: tuple[RoundStatus, ...]
    return_count: int | None = None
    summary: SummaryStatus | None = None
    draft_name: str = ""
    opened_by: str = ""

    @property
    def path_argument(self) -> str:
        """The book's file name as an argument that is never parsed as an option."""
        return f"./{self.name}" if self.name.startswith("-") else self.name


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, in Chinese, and the arguments of the command for it, if there is one."""

    text: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderBooks:
    """The books in a folder, sorted by name.

    ``plans`` are files that may be plans by their names; ``broken`` are named like a book
    but cannot be read as one.
    """

    books: tuple[Path, ...]
    plans: tuple[Path, ...]
    broken: tuple[Path, ...] = ()


# --- reading the folder ---


def find_books(folder: Path) -> FolderBooks:
    """Find the books in a folder by their contents. Raises FileError.

    A copy that an update has saved is left out if its book is there.
    """
    from ledgerbook.book import is_book

    files = [path for path in _list_files(folder) if not _is_lock_file(path)]
    books = [
        book_path
        for book_path in files
        if book_path.suffix.lower() in _WORKBOOK_SUFFIXES and is_book(book_path)
    ]
    stems = {path.stem for path in books}
    current_books = [
        book_path
        for book_path in books
        if book_path.stem.partition(COPY_MARK)[0] not in stems - {book_path.stem}
    ]
    plans = [
        path
        for path in files
        if path.suffix.lower() in _PLAN_SUFFIXES
        and path not in books
        and any(word in path.name for word in _PLAN_WORDS)
    ]
    broken = [path for path in files if path not in books and _is_broken_book(path)]
    return FolderBooks(tuple(current_books), tuple(plans), tuple(broken))


def _is_broken_book(path: Path) -> bool:
    """Return whether a file is named like a book but is not a readable .xlsx workbook."""
    from ledgerbook.book import is_workbook

    suffix = path.suffix.lower()
    if not path.name.startswith(_BOOK_WORD):
        return False
    return suffix in _OTHER_WORKBOOK_SUFFIXES or (
        suffix in _WORKBOOK_SUFFIXES and not is_workbook(path)
    )


def _list_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise FileError(
            f"文件夹“{folder}”读不了（{describe_os_error(error)}）。",
            code="file-unreadable",
            path=folder,
        ) from error


def _is_lock_file(path: Path) -> bool:
    """Return whether a file is a lock file of Office or hidden."""
    return path.name.startswith((OFFICE_LOCK_PREFIX, "."))


def read_workspace(book_path: StrPath) -> WorkspaceStatus:
    """Return the state of the book and of the folders beside it.

    Raises InputError or FileError when the book cannot be read or has mistakes.
    """
    from ledgerbook.annual_report import suggest_draft_name
    from ledgerbook.book import read_book

    book_path = to_path("book_path", book_path)
    book = read_book(book_path)
    folder = book_path.parent
    returns = folder / RETURNED_FOLDER
    files = _find_return_files(returns) if returns.is_dir() else None
    lock = locks.find_lock(book_path)
    draft = suggest_draft_name(book)
    return WorkspaceStatus(
        book_path.name,
        book,
        tuple(_read_rounds(book, folder / ISSUED_FOLDER)),
        None if files is None else len(files),
        _read_summary(book, book_path, files or {}),
        draft if (folder / draft).exists() else "",
        lock[1] if lock else "",
    )


def _read_rounds(book: Book, folder: Path) -> Iterator[RoundStatus]:
    """Yield the state of each round; ``folder`` holds the rounds' folders.

    What was issued is a fact of the book. Books of earlier versions do not have it: the
    workbooks are counted.
    """
    stems = set(make_file_names(book.section_names).values())
    for round_ in book.rounds:
        sections = {one.section for one in book.issue_records if one.round == round_.name}
        round_folder = folder / make_file_names([round_.name])[round_.name]
        workbooks = round_folder.glob("*.xlsx") if round_folder.is_dir() else ()
        counted = sum(path.stem in stems for path in workbooks)
        yield RoundStatus(round_, len(sections) or counted)


def _find_return_files(folder: Path) -> dict[str, Path]:
    """Return the files in 收回 without lock files and the like."""
    files = find_files([folder])
    return {name: path for name, path in files.items() if not is_leftover(name)}


def _read_summary(book: Book, book_path: Path, returns: Mapping[str, Path]) -> SummaryStatus | None:
    """Return the state of the summary; None when there is none."""
    from ledgerbook.summary import build_summary_filename, read_summary_metadata

    path = book_path.parent / SUMMARY_FOLDER / build_summary_filename(book)
    if not path.is_file():
        return None
    metadata = read_summary_metadata(path)
    # Compare digests, not file times: a copied file keeps its time, and the office saves
    # the summary with its own remarks.
    known_digests = set(metadata.files.values()) - {""}
    new_returns = sum(
        not _is_known(metadata.files.get(fit_to_cell(name)), _hash_file(file), known_digests)
        for name, file in returns.items()
    )
    sections = metadata.facts.sections if metadata.facts else ()
    folder = path.parent / CORRECTIONS_FOLDER
    stems = make_file_names(book.section_names)
    return SummaryStatus(
        f"{SUMMARY_FOLDER}/{path.name}",
        metadata.facts.as_of if metadata.facts else None,
        tuple(fact.section for fact in sections if fact.status == SubmissionStatus.MISSING),
        new_returns,
        book_path.stat().st_mtime > path.stat().st_mtime,
        tuple(fact.section for fact in sections if fact.status == SubmissionStatus.NOT_READ),
        tuple(name for name, stem in stems.items() if (folder / f"{stem}.xlsx").is_file()),
        tuple(name for name in metadata.rejected_files if name in returns),
        metadata.facts.open_counts if metadata.facts else None,
    )


def _is_known(reported: str | None, digest: str, known_digests: Collection[str]) -> bool:
    """Whether a file is in the summary; one without a digest is known by its name alone.

    ``reported`` is the digest that the summary has for its name, None where it has not got it.
    """
    return digest in known_digests or reported == "" or (not digest and reported is not None)


def _hash_file(path: Path) -> str:
    """Return the SHA-256 of a file as in 报送情况; blank when it is not read, such as a link."""
    try:
        if is_link(path) or not is_readable_whole(path):
            return ""
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


# --- the next step ---


def find_next_round(rounds: Sequence[RoundStatus]) -> Round:
    """Return the round after the last issued one; the last round when all are issued."""
    issued_indexes = [n for n, round_status in enumerate(rounds) if round_status.issued_count]
    return rounds[min(issued_indexes[-1] + 1, len(rounds) - 1) if issued_indexes else 0].round


def find_current_round(status: WorkspaceStatus, today: date) -> Round:
    """Return the round to issue now: the last issued one until it is over, then the next."""
    return (
        find_next_round(status.rounds)
        if _is_round_over(status, today)
        else _list_issued_rounds(status)[-1]
    )


def _list_issued_rounds(status: WorkspaceStatus) -> list[Round]:
    return [round_status.round for round_status in status.rounds if round_status.issued_count]


def _is_round_over(status: WorkspaceStatus, today: date) -> bool:
    """Return whether the last issued round is over: all have answered, or its day is past.

    True when no round was issued.
    """
    if not (issued_rounds := _list_issued_rounds(status)):
        return True
    due, summary = issued_rounds[-1].due, status.summary
    is_answered = (
        bool(status.return_count)
        and summary is not None
        and not (summary.missing_sections or summary.not_read_sections)
    )
    return is_answered or (due is not None and due < today)


def list_next_steps(status: WorkspaceStatus, today: date) -> tuple[NextStep, ...]:
    """Return what to do next in the year's work, the first thing first."""
    summary = status.summary
    if status.return_count and not (summary and summary.is_current):
        arguments = ("collect", status.path_argument, RETURNED_FOLDER, "-o", SUMMARY_FOLDER)
        return (NextStep("汇总收回的表", arguments),)
    if not _list_issued_rounds(status):
        return (_choose_issue_step(status, "生成发给各科室的表"),)
    work = list(_list_open_work(summary)) if summary else []
    later_step = _choose_later_step(status, work, today)
    if not _is_reminder_due(status, today):
        return (later_step,)
    text = "；".join(["催办没办完的科室", *work])
    arguments = ("remind", status.path_argument, RETURNED_FOLDER, "-o", REMINDERS_FOLDER)
    return (NextStep(text, arguments), *([later_step] if later_step.arguments else ()))


def _is_reminder_due(status: WorkspaceStatus, today: date) -> bool:
    """Return whether a section lags and none has been reminded within a week."""
    days = [record.day for record in status.book.reminders if record.day <= today]
    if status.return_count is None or (days and (today - max(days)).days < _REMINDER_DAYS):
        return False
    summary, due = status.summary, _list_issued_rounds(status)[-1].due
    is_near = due is None or (due - today).days <= DUE_SOON_DAYS
    if not status.return_count or summary is None:
        return is_near and due is not None
    has_overdue = summary.open_counts is not None and summary.open_counts.overdue > 0
    return bool(summary.corrections or has_overdue or (summary.missing_sections and is_near))


def _choose_issue_step(status: WorkspaceStatus, text: str) -> NextStep:
    """Return the step that issues the next round, or what must be filled in before."""
    if preparation := _name_preparation(status):
        return NextStep(f"{preparation}，再运行一次 {format_command(())}")
    return NextStep(text, _build_generate_arguments(status))


def _choose_later_step(status: WorkspaceStatus, work: Sequence[str], today: date) -> NextStep:
    """Return the step once a round is out; ``work`` is what the office must ask of sections."""
    summary, issued_rounds = status.summary, _list_issued_rounds(status)
    if not status.return_count or summary is None:
        return NextStep(f"等各科室交表；交回来的放进“{RETURNED_FOLDER}”文件夹，再运行一次")
    due = issued_rounds[-1].due
    if find_next_round(status.rounds) not in issued_rounds and _is_round_over(status, today):
        return _choose_issue_step(status, "生成下一批次的表，带上以前填的内容")
    if work:
        return NextStep(f"{'；'.join(work)}；交回来的放进“{RETURNED_FOLDER}”文件夹，再运行一次")
    if summary.not_read_sections:
        return NextStep(f"等程序修好，再汇总一次（{_name_diagnosis(status)}）")
    if len(issued_rounds) > 1 and due and today <= due:
        # The summary does not record the round of its answers, so it does not show
        # whether those to this round have come.
        return NextStep(
            f"等各科室交“{issued_rounds[-1].name}”批次的表；交回来的放进“{RETURNED_FOLDER}”文件夹，"
            "再运行一次"
        )
    if not status.book.is_for_disclosure:
        return NextStep("看一遍年度汇总，年度工作就办完了")
    if not status.draft_name:
        return NextStep("起草年度报告", ("report", status.path_argument, RETURNED_FOLDER))
    return NextStep(f"看一遍“{status.draft_name}”，年度工作就办完了")


def _name_preparation(status: WorkspaceStatus) -> str:
    """Return what the office must fill in before a round is issued; may be blank.

    Questions and limits are asked for once, before the first round.
    """
    steps = [] if _list_issued_rounds(status) else list(_list_open_settings(status.book))
    if find_next_round(status.rounds).due is None:
        steps.append(_ROUND_DUE_STEP)
    if not steps:
        return ""
    return f"在 Excel 或 WPS 里打开“{status.name}”，填好{'和'.join(steps)}，保存关闭"


_ROUND_DUE_STEP = "“批次”里的报送截止日期"


def list_preparations(book: Book) -> tuple[str, ...]:
    """Return what a new book needs before its first round is issued."""
    steps = list(_list_open_settings(book))
    if book.rounds[0].due is None:
        steps.append(_ROUND_DUE_STEP)
    return tuple(steps)


def _list_open_settings(book: Book) -> Iterator[str]:
    """Yield what a new book leaves open: questions, and tasks of which nobody knows the limit."""
    if open_count := sum(not item.decision for item in book.questions):
        yield f"“待确认”里 {open_count} 件的处理结果"
    decided = {code for item in book.questions if item.decision for code in item.task_codes}
    undated = [
        task
        for task in book.tasks
        if isinstance(task.deadline, NoDeadline) and task.code not in decided
    ]
    if undated:
        yield f"“任务”里 {len(undated)} 项的完成期限（没有期限的，在“时限”里写“长期”）"


def _list_open_work(summary: SummaryStatus) -> Iterator[str]:
    """Yield what the office must ask of sections."""
    if summary.missing_sections:
        yield f"催{'、'.join(summary.missing_sections)}交表"
    if summary.rejected_files:
        yield (
            f"“{RETURNED_FOLDER}”里没能汇入的文件（{_join_names(summary.rejected_files)}），"
            "照年度汇总“问题清单”里说的办"
        )
    if summary.corrections:
        yield (
            f"把“{SUMMARY_FOLDER}/{CORRECTIONS_FOLDER}”里的表发给"
            f"{'、'.join(summary.corrections)}改正"
        )


def _name_diagnosis(status: WorkspaceStatus) -> str:
    """Return how the people who installed the program are told what failed."""
    command = format_command(("diagnose", status.path_argument, RETURNED_FOLDER))
    return f"先运行 {command}，把写出的“{DIAGNOSIS_NAME}”发给{INSTALLER}"


def _build_generate_arguments(status: WorkspaceStatus) -> tuple[str, ...]:
    """Return the arguments that issue the next round."""
    name = find_next_round(status.rounds).name
    arguments = ["generate", status.path_argument, "-o", ISSUED_FOLDER]
    if len(status.rounds) > 1:
        arguments[2:2] = ["--round", name]
    if status.return_count:
        arguments += ["--from", RETURNED_FOLDER]
    return tuple(arguments)


_PLAIN_WORD = re.compile(r"[\w./\\:-]+")


def format_command(arguments: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Return a command as text to be typed into a terminal, quoted for its shell."""
    return " ".join(
        _quote_argument(argument, windows=windows) for argument in ("ledgerbook", *arguments)
    )


def _quote_argument(argument: str, *, windows: bool) -> str:
    if _PLAIN_WORD.fullmatch(argument):
        return argument
    return f'"{argument}"' if windows else shlex.quote(argument)


# --- sentences about the state ---


def describe_status(status: WorkspaceStatus, today: date) -> Iterator[str]:
    """Yield Chinese sentences about the state of the folder."""
    book = status.book
    yield (
        f"{status.name}：{book.agency}{book.year}年，{len(book.sections)} 个科室，"
        f"{len(book.tasks)} 项任务。"
    )
    if status.opened_by:
        yield f"注意：台账正在 {status.opened_by} 中打开，下面说的是上次保存的内容。"
    open_text = _describe_open_matters(status)
    if open_text:
        yield open_text
    open_count = sum(not item.decision for item in book.questions)
    if open_count and not open_text:
        yield f"待确认：还有 {open_count} 件没有写处理结果。"
    yield f"批次（今天 {today:%Y-%m-%d}）："
    for item in status.rounds:
        yield (
            f"  {item.round.name}：{_describe_due_date(item.round.due, today)}，"
            f"{_describe_issued(item)}。"
        )
    yield _describe_returns(status)
    yield _describe_summary(status.summary)
    if status.summary and status.summary.not_read_sections:
        yield (
            "程序没能读的科室（不是表的问题，不要催）："
            f"{'、'.join(status.summary.not_read_sections)}。{_name_diagnosis(status)}。"
        )


def _describe_due_date(due: date | None, today: date) -> str:
    if due is None:
        return "没有填报送截止日期"
    days_left = (due - today).days
    remaining = (
        "今天截止"
        if not days_left
        else f"还有 {days_left} 天"
        if days_left > 0
        else f"已过 {-days_left} 天"
    )
    return f"{due:%Y-%m-%d} 截止（{remaining}）"


def _describe_issued(round_status: RoundStatus) -> str:
    return (
        f"已生成 {round_status.issued_count} 个科室的表"
        if round_status.issued_count
        else "还没有生成表"
    )


def _describe_returns(status: WorkspaceStatus) -> str:
    if status.return_count is None:
        return f"收回的表：还没有“{RETURNED_FOLDER}”文件夹。"
    return f"收回的表：“{RETURNED_FOLDER}”文件夹里有 {status.return_count} 个文件。"


def _describe_summary(summary: SummaryStatus | None) -> str:
    if summary is None:
        return "年度汇总：还没有。"
    day_text = f"（汇总日期 {summary.as_of:%Y-%m-%d}）" if summary.as_of else ""
    text = f"年度汇总：{summary.name}{day_text}"
    if summary.as_of:
        text += f"，未报送的科室：{'、'.join(summary.missing_sections) or '无'}"
    if summary.new_returns:
        text += f"；之后又收到 {summary.new_returns} 个文件"
    if summary.is_outdated:
        text += "；之后台账改过"
    return f"{text}。"


_OPEN_TEXTS = {
    "missing": "{} 个科室没有报来",
    "overdue": "逾期 {} 件",
    "problems": "须处理的问题 {} 个",
    "conflicts": "前后不一致的答复 {} 处",
    "questions": "待确认 {} 件没有写处理结果",
}


def _describe_open_matters(status: WorkspaceStatus) -> str:
    """Return what is still open by the last summary; blank where it is outdated, or says nothing.

    The office reads it before anything else.
    """
    summary = status.summary
    if summary is None or not summary.is_current or summary.open_counts is None:
        return ""
    counts = asdict(summary.open_counts)
    texts = [text.format(counts[kind]) for kind, text in _OPEN_TEXTS.items() if counts[kind]]
    if counts["missing"] and summary.missing_sections:
        texts[0] += f"（{_join_names(summary.missing_sections)}）"
    if summary.corrections:
        texts.append(f"退回修改的表要发给{'、'.join(summary.corrections)}")
    days = [record.day for record in status.book.reminders]
    reminded = f"最近一次催办是 {max(days)}。" if days else ""
    return f"照上次的汇总，还没有办完的：{'，'.join(texts)}。{reminded}" if texts else ""


# --- sentences when there is not exactly one readable book ---


def explain_book_choice(
    books: Sequence[Path], broken: Sequence[Path], plans: Sequence[Path] = ()
) -> Iterator[str]:
    """Yield Chinese sentences on what to do when there is not exactly one readable book."""
    if books:
        return explain_several_books([path.name for path in books])
    if broken:
        return explain_broken_books([path.name for path in broken])
    return explain_no_book([path.name for path in plans])


def explain_no_book(plans: Sequence[str]) -> Iterator[str]:
    """Yield what to do when there is no book; ``plans`` are names of possible plans."""
    yield "这个文件夹里没有台账。"
    if plans:
        yield f"像是分工方案的文件：{_join_names(plans)}。要建台账，请运行："
        yield f"  {format_command(('init', plans[0]))}"
    else:
        yield "建台账：ledgerbook init 分工方案.docx（请换成真实的文件名）。"
    yield "台账在别的文件夹里的，请先进入那个文件夹。想看看效果：ledgerbook demo。"
    yield "全部命令：ledgerbook --help"


def explain_broken_books(books: Sequence[str]) -> Iterator[str]:
    """Yield what to do when files are named like a book but cannot be read."""
    yield (
        f"{_join_names(books)}打不开：可能设了打开密码、存成了 .xls 等别的格式、已经损坏，"
        "或者没有权限读取。"
    )
    yield "请在 Excel 或 WPS 里打开它，取消密码、另存为 .xlsx 后再来一次。"
    yield "已经损坏的，请从备份恢复；更新过方案的，旁边有一份更新前的台账。"


def explain_several_books(books: Sequence[str]) -> Iterator[str]:
    """Yield what to do when there are several books."""
    yield f"这个文件夹里有 {len(books)} 本台账：{_join_names(books)}。"
    yield "看不出用哪一本。请把不用的移到别处，或者在命令里写明，例如："
    yield f"  {format_command(('collect', books[0], RETURNED_FOLDER, '-o', SUMMARY_FOLDER))}"


def _join_names(names: Sequence[str]) -> str:
    text = "、".join(make_single_line(name) for name in names[:_MAX_LISTED_NAMES])
    return f"{text} 等 {len(names)} 个" if len(names) > _MAX_LISTED_NAMES else text
