"""What lies in the office's folder: how far the year has come, and what comes next.

Pure: :mod:`ledgerbook.commands.workspace` finds it on the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledgerbook.commands.update import COPY_MARK
from ledgerbook.errors import FileError, describe_os_error
from ledgerbook.model import Book, Round
from ledgerbook.model.results import SubmissionStatus
from ledgerbook.storage import locks
from ledgerbook.storage.file_names import OFFICE_LOCK_PREFIX, is_leftover, make_file_names
from ledgerbook.storage.folders import find_files
from ledgerbook.text import fit_to_cell, make_single_line

# Where the commands put things when nobody says otherwise.
ISSUED_FOLDER, RETURNED_FOLDER, SUMMARY_FOLDER = "发出", "收回", "汇总"
_MAX_LISTED_NAMES = 12


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """A round, and how many workbooks of sections lie in its folder."""

    round: Round
    issued_count: int


@dataclass(frozen=True, slots=True)
class SummaryStatus:
    """The last summary; ``as_of`` and ``missing_sections`` where it tells them.

    ``new_returns`` returns have come since; ``is_outdated`` says that the book has changed since.
    """

    name: str
    as_of: date | None = None
    missing_sections: tuple[str, ...] = ()
    new_returns: int = 0
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """A folder with one book in it. ``return_count`` is None without a folder of returns.

    ``opened_by`` names the program that has the book open, ``draft_name`` the draft of the
    annual report, where there is one.
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
        """The book as a word of a command, never taken for an option."""
        return f"./{self.name}" if self.name.startswith("-") else self.name


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, and the words of the command that does it, if one does."""

    text: str
    arguments: tuple[str, ...] = ()


# ── what comes next ──────────────────────────────────────────────────────────────


def find_next_round(rounds: Sequence[RoundStatus]) -> Round:
    """Return the round to issue next: after the last that is out, or else that one."""
    issued_indexes = [n for n, round_status in enumerate(rounds) if round_status.issued_count]
    return rounds[min(issued_indexes[-1] + 1, len(rounds) - 1) if issued_indexes else 0].round


def find_current_round(status: WorkspaceStatus, today: date) -> Round:
    """Return the round to issue: the last again until it is over, then the next."""
    return (
        find_next_round(status.rounds)
        if _is_round_over(status, today)
        else _list_issued_rounds(status)[-1]
    )


def _list_issued_rounds(status: WorkspaceStatus) -> list[Round]:
    return [round_status.round for round_status in status.rounds if round_status.issued_count]


def _is_round_over(status: WorkspaceStatus, today: date) -> bool:
    """Whether no answer to the last round is waited for: all are in, or it is late."""
    if not (issued_rounds := _list_issued_rounds(status)):
        return True
    due, summary = issued_rounds[-1].due, status.summary
    is_answered = bool(status.return_count) and summary is not None and not summary.missing_sections
    return is_answered or (due is not None and due < today)


def choose_next_step(status: WorkspaceStatus, today: date) -> NextStep:
    """Say what to do next."""
    summary = status.summary
    if status.return_count and (summary is None or summary.new_returns or summary.is_outdated):
        return NextStep(
            "汇总收回的表",
            ("collect", status.path_argument, RETURNED_FOLDER, "-o", SUMMARY_FOLDER),
        )
    issued_rounds = _list_issued_rounds(status)
    if not issued_rounds:
        return NextStep("生成发给各科室的表", _build_generate_arguments(status))
    if not status.return_count or summary is None:
        return NextStep(f"等各科室交表；交回来的放进“{RETURNED_FOLDER}”文件夹，再运行一次")
    due = issued_rounds[-1].due
    if find_next_round(status.rounds) not in issued_rounds and _is_round_over(status, today):
        return NextStep("生成下一批次的表，带上以前填的内容", _build_generate_arguments(status))
    if summary.missing_sections:
        return NextStep(
            f"催{'、'.join(summary.missing_sections)}交表；交回来的放进“{RETURNED_FOLDER}”文件夹，"
            "再运行一次"
        )
    if len(issued_rounds) > 1 and due and today <= due:
        # The summary does not say which round its answers are of.
        return NextStep(
            f"等各科室交“{issued_rounds[-1].name}”批次的表；交回来的放进“{RETURNED_FOLDER}”文件夹，"
            "再运行一次"
        )
    if not status.draft_name:
        return NextStep("起草年度报告", ("report", status.path_argument, RETURNED_FOLDER))
    return NextStep(f"看一遍“{status.draft_name}”，年度工作就办完了")


def _build_generate_arguments(status: WorkspaceStatus) -> tuple[str, ...]:
    name = find_next_round(status.rounds).name
    arguments = ["generate", status.path_argument, "-o", ISSUED_FOLDER]
    if len(status.rounds) > 1:
        arguments[2:2] = ["--round", name]
    if status.return_count:
        arguments += ["--from", RETURNED_FOLDER]
    return tuple(arguments)


_PLAIN_WORD = re.compile(r"[\w./\\:-]+")


def format_command(arguments: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Write a command as one types it into a terminal."""
    return " ".join(
        _quote_argument(argument, windows=windows) for argument in ("ledgerbook", *arguments)
    )


def _quote_argument(argument: str, *, windows: bool) -> str:
    if _PLAIN_WORD.fullmatch(argument):
        return argument
    return f'"{argument}"' if windows else shlex.quote(argument)


# ── how far the year has come ────────────────────────────────────────────────────


def describe_status(status: WorkspaceStatus, today: date) -> Iterator[str]:
    """Tell where things stand."""
    book = status.book
    yield (
        f"{status.name}：{book.agency}{book.year}年，{len(book.sections)} 个科室，"
        f"{len(book.tasks)} 项任务。"
    )
    if status.opened_by:
        yield f"注意：台账正在 {status.opened_by} 中打开，下面说的是上次保存的内容。"
    if open_count := sum(not item.decision for item in book.questions):
        yield f"待确认：还有 {open_count} 件没有写处理结果。"
    yield f"批次（今天 {today:%Y-%m-%d}）："
    for item in status.rounds:
        yield (
            f"  {item.round.name}：{_describe_due_date(item.round.due, today)}，"
            f"{_describe_issued(item)}。"
        )
    yield _describe_returns(status)
    yield _describe_summary(status.summary)


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


# ── no book, one that cannot be read, or several ─────────────────────────────────


def explain_book_choice(
    books: Sequence[Path], broken: Sequence[Path], plans: Sequence[Path] = ()
) -> Iterator[str]:
    """Tell what to do where there is no book that is clearly the one."""
    if books:
        return explain_several_books([path.name for path in books])
    if broken:
        return explain_broken_books([path.name for path in broken])
    return explain_no_book([path.name for path in plans])


def explain_no_book(plans: Sequence[str]) -> Iterator[str]:
    """Tell what to do where there is no book yet."""
    yield "这个文件夹里没有台账。"
    if plans:
        yield f"像是分工方案的文件：{_join_names(plans)}。要建台账，请运行："
        yield f"  {format_command(('init', plans[0]))}"
    else:
        yield "建台账：ledgerbook init 分工方案.docx（请换成真实的文件名）。"
    yield "台账在别的文件夹里的，请先进入那个文件夹。想看看效果：ledgerbook demo。"
    yield "全部命令：ledgerbook --help"


def explain_broken_books(books: Sequence[str]) -> Iterator[str]:
    """Tell what to do where something is called a book and cannot be read."""
    yield (
        f"{_join_names(books)}打不开：可能设了打开密码、存成了 .xls 等别的格式、已经损坏，"
        "或者没有权限读取。"
    )
    yield "请在 Excel 或 WPS 里打开它，取消密码、另存为 .xlsx 后再来一次。"
    yield "已经损坏的，请从备份恢复；更新过方案的，旁边有一份更新前的台账。"


def explain_several_books(books: Sequence[str]) -> Iterator[str]:
    """Tell what to do where it is not clear which book is meant."""
    yield f"这个文件夹里有 {len(books)} 本台账：{_join_names(books)}。"
    yield "看不出用哪一本。请把不用的移到别处，或者在命令里写明，例如："
    yield f"  {format_command(('collect', books[0], RETURNED_FOLDER, '-o', SUMMARY_FOLDER))}"


def _join_names(names: Sequence[str]) -> str:
    text = "、".join(make_single_line(name) for name in names[:_MAX_LISTED_NAMES])
    return f"{text} 等 {len(names)} 个" if len(names) > _MAX_LISTED_NAMES else text


# A look round the office's folder; nothing is written.

_WORKBOOK_SUFFIXES = {".xlsx", ".xlsm"}
# What WPS may make of a book, and what the office calls it.
_OTHER_WORKBOOK_SUFFIXES, _BOOK_WORD = {".xls", ".et", ".ods"}, "台账"
_PLAN_SUFFIXES = {".docx", ".xlsx", ".xls", ".txt", ".html", ".csv"}
_PLAN_WORDS = ("方案", "要点", "分工")


@dataclass(frozen=True, slots=True)
class FolderBooks:
    """The books in a folder, by name; ``plans`` may be what to start one from.

    ``broken`` are called as books are, and cannot be read as one.
    """

    books: tuple[Path, ...]
    plans: tuple[Path, ...]
    broken: tuple[Path, ...] = ()


def find_books(folder: Path) -> FolderBooks:
    """Find the books of a folder by what is in them. Raises FileError.

    A copy that an update has put aside does not count beside its book.
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
        raise FileError(f"文件夹“{folder}”读不了（{describe_os_error(error)}）。") from error


def _is_lock_file(path: Path) -> bool:
    return path.name.startswith((OFFICE_LOCK_PREFIX, "."))


def read_workspace(book_path: Path) -> WorkspaceStatus:
    """See how far a book's year has come, by what lies beside it.

    Raises InputError or FileError when the book must be put right first.
    """
    from ledgerbook.annual_report import suggest_draft_name
    from ledgerbook.book import read_book

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
    stems = set(make_file_names(book.section_names).values())
    for round_ in book.rounds:
        round_folder = folder / make_file_names([round_.name])[round_.name]
        workbooks = round_folder.glob("*.xlsx") if round_folder.is_dir() else ()
        yield RoundStatus(round_, sum(path.stem in stems for path in workbooks))


def _find_return_files(folder: Path) -> dict[str, Path]:
    files = find_files([folder])
    return {name: path for name, path in files.items() if not is_leftover(name)}


def _read_summary(book: Book, book_path: Path, returns: Mapping[str, Path]) -> SummaryStatus | None:
    from ledgerbook.summary import build_summary_filename, read_summary_metadata

    path = book_path.parent / SUMMARY_FOLDER / build_summary_filename(book)
    if not path.is_file():
        return None
    metadata = read_summary_metadata(path)
    # Dates tell little: a copied file keeps its own, and the office saves its remarks
    # in the summary. What is in the files tells.
    known_digests = set(metadata.files.values()) - {""}
    new_returns = sum(
        _hash_file(file) not in known_digests and metadata.files.get(fit_to_cell(name)) != ""
        for name, file in returns.items()
    )
    return SummaryStatus(
        f"{SUMMARY_FOLDER}/{path.name}",
        metadata.facts.as_of if metadata.facts else None,
        tuple(
            section_status.section
            for section_status in (metadata.facts.sections if metadata.facts else ())
            if section_status.status == SubmissionStatus.MISSING
        ),
        new_returns,
        book_path.stat().st_mtime > path.stat().st_mtime,
    )


def _hash_file(path: Path) -> str:
    """Return what is in a file as 报送情况 has it; one that cannot be read is new."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
