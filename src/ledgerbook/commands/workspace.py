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

from ledgerbook.commands.update import BEFORE
from ledgerbook.errors import FileError, reason
from ledgerbook.excel.names import file_names
from ledgerbook.model import Book, Round
from ledgerbook.model.results import SubmissionStatus
from ledgerbook.storage import locks
from ledgerbook.storage.folders import find_files
from ledgerbook.text import cell_text, one_line

# Where the commands put things when nobody says otherwise.
ISSUED, RETURNED, SUMMARY = "发出", "收回", "汇总"
_LISTED = 12


@dataclass(frozen=True, slots=True)
class RoundSeen:
    """A round, and how many workbooks of sections lie in its folder."""

    round: Round
    issued: int


@dataclass(frozen=True, slots=True)
class SummarySeen:
    """The last summary; ``as_of`` and ``missing`` where it tells them.

    ``fresh`` returns have come since; ``stale`` says that the book has changed since.
    """

    name: str
    as_of: date | None = None
    missing: tuple[str, ...] = ()
    fresh: int = 0
    stale: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """A folder with one book in it. ``returned`` is None without a folder of returns.

    ``opened`` names the program that has the book open, ``draft`` the draft of the
    annual report, where there is one.
    """

    name: str
    book: Book
    rounds: tuple[RoundSeen, ...]
    returned: int | None = None
    summary: SummarySeen | None = None
    draft: str = ""
    opened: str = ""

    @property
    def path(self) -> str:
        """The book as a word of a command, never taken for an option."""
        return f"./{self.name}" if self.name.startswith("-") else self.name


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, and the words of the command that does it, if one does."""

    told: str
    words: tuple[str, ...] = ()


# ── what comes next ──────────────────────────────────────────────────────────────


def next_round(rounds: Sequence[RoundSeen]) -> Round:
    """Return the round to issue next: after the last that is out, or else that one."""
    out = [n for n, one in enumerate(rounds) if one.issued]
    return rounds[min(out[-1] + 1, len(rounds) - 1) if out else 0].round


def round_now(desk: WorkspaceStatus, today: date) -> Round:
    """Return the round to issue: the last again until it is over, then the next."""
    return next_round(desk.rounds) if _is_over(desk, today) else _out(desk)[-1]


def _out(desk: WorkspaceStatus) -> list[Round]:
    return [one.round for one in desk.rounds if one.issued]


def _is_over(desk: WorkspaceStatus, today: date) -> bool:
    """Whether no answer to the last round is waited for: all are in, or it is late."""
    if not (out := _out(desk)):
        return True
    due, summary = out[-1].due, desk.summary
    answered = bool(desk.returned) and summary is not None and not summary.missing
    return answered or (due is not None and due < today)


def next_step(desk: WorkspaceStatus, today: date) -> NextStep:
    """Say what to do next."""
    summary = desk.summary
    if desk.returned and (summary is None or summary.fresh or summary.stale):
        return NextStep("汇总收回的表", ("collect", desk.path, RETURNED, "-o", SUMMARY))
    out = _out(desk)
    if not out:
        return NextStep("生成发给各科室的表", _generate(desk))
    if not desk.returned or summary is None:
        return NextStep(f"等各科室交表；交回来的放进“{RETURNED}”文件夹，再运行一次")
    due = out[-1].due
    if next_round(desk.rounds) not in out and _is_over(desk, today):
        return NextStep("生成下一批次的表，带上以前填的内容", _generate(desk))
    if summary.missing:
        return NextStep(
            f"催{'、'.join(summary.missing)}交表；交回来的放进“{RETURNED}”文件夹，"
            "再运行一次"
        )
    if len(out) > 1 and due and today <= due:
        # The summary does not say which round its answers are of.
        return NextStep(
            f"等各科室交“{out[-1].name}”批次的表；交回来的放进“{RETURNED}”文件夹，"
            "再运行一次"
        )
    if not desk.draft:
        return NextStep("起草年度报告", ("report", desk.path, RETURNED))
    return NextStep(f"看一遍“{desk.draft}”，年度工作就办完了")


def _generate(desk: WorkspaceStatus) -> tuple[str, ...]:
    name = next_round(desk.rounds).name
    words = ["generate", desk.path, "-o", ISSUED]
    if len(desk.rounds) > 1:
        words[2:2] = ["--round", name]
    if desk.returned:
        words += ["--from", RETURNED]
    return tuple(words)


_PLAIN = re.compile(r"[\w./\\:-]+")


def command_line(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Write a command as one types it into a terminal."""
    return " ".join(_quoted(word, windows=windows) for word in ("ledgerbook", *words))


def _quoted(word: str, *, windows: bool) -> str:
    if _PLAIN.fullmatch(word):
        return word
    return f'"{word}"' if windows else shlex.quote(word)


# ── how far the year has come ────────────────────────────────────────────────────


def sentences(desk: WorkspaceStatus, today: date) -> Iterator[str]:
    """Tell where things stand."""
    book = desk.book
    yield (
        f"{desk.name}：{book.agency}{book.year}年，{len(book.sections)} 个科室，"
        f"{len(book.tasks)} 项任务。"
    )
    if desk.opened:
        yield f"注意：台账正在 {desk.opened} 中打开，下面说的是上次保存的内容。"
    if open_ones := sum(not one.decision for one in book.questions):
        yield f"待确认：还有 {open_ones} 件没有写处理结果。"
    yield f"批次（今天 {today:%Y-%m-%d}）："
    for one in desk.rounds:
        yield f"  {one.round.name}：{_due(one.round.due, today)}，{_issued(one)}。"
    yield _returned(desk)
    yield _summary(desk.summary)


def _due(due: date | None, today: date) -> str:
    if due is None:
        return "没有填报送截止日期"
    left = (due - today).days
    when = (
        "今天截止"
        if not left
        else f"还有 {left} 天"
        if left > 0
        else f"已过 {-left} 天"
    )
    return f"{due:%Y-%m-%d} 截止（{when}）"


def _issued(one: RoundSeen) -> str:
    return f"已生成 {one.issued} 个科室的表" if one.issued else "还没有生成表"


def _returned(desk: WorkspaceStatus) -> str:
    if desk.returned is None:
        return f"收回的表：还没有“{RETURNED}”文件夹。"
    return f"收回的表：“{RETURNED}”文件夹里有 {desk.returned} 个文件。"


def _summary(summary: SummarySeen | None) -> str:
    if summary is None:
        return "年度汇总：还没有。"
    day = f"（汇总日期 {summary.as_of:%Y-%m-%d}）" if summary.as_of else ""
    told = f"年度汇总：{summary.name}{day}"
    if summary.as_of:
        told += f"，未报送的科室：{'、'.join(summary.missing) or '无'}"
    if summary.fresh:
        told += f"；之后又收到 {summary.fresh} 个文件"
    if summary.stale:
        told += "；之后台账改过"
    return f"{told}。"


# ── no book, one that cannot be read, or several ─────────────────────────────────


def not_one_book(
    books: Sequence[Path], broken: Sequence[Path], plans: Sequence[Path] = ()
) -> Iterator[str]:
    """Tell what to do where there is no book that is clearly the one."""
    if books:
        return several_books([path.name for path in books])
    if broken:
        return broken_books([path.name for path in broken])
    return no_book([path.name for path in plans])


def no_book(plans: Sequence[str]) -> Iterator[str]:
    """Tell what to do where there is no book yet."""
    yield "这个文件夹里没有台账。"
    if plans:
        yield f"像是分工方案的文件：{_names(plans)}。要建台账，请运行："
        yield f"  {command_line(('init', plans[0]))}"
    else:
        yield "建台账：ledgerbook init 分工方案.docx（请换成真实的文件名）。"
    yield "台账在别的文件夹里的，请先进入那个文件夹。想看看效果：ledgerbook demo。"
    yield "全部命令：ledgerbook --help"


def broken_books(books: Sequence[str]) -> Iterator[str]:
    """Tell what to do where something is called a book and cannot be read."""
    yield (
        f"{_names(books)}打不开：可能设了打开密码、存成了 .xls 等别的格式、已经损坏，"
        "或者没有权限读取。"
    )
    yield "请在 Excel 或 WPS 里打开它，取消密码、另存为 .xlsx 后再来一次。"
    yield "已经损坏的，请从备份恢复；更新过方案的，旁边有一份更新前的台账。"


def several_books(books: Sequence[str]) -> Iterator[str]:
    """Tell what to do where it is not clear which book is meant."""
    yield f"这个文件夹里有 {len(books)} 本台账：{_names(books)}。"
    yield "看不出用哪一本。请把不用的移到别处，或者在命令里写明，例如："
    yield f"  {command_line(('collect', books[0], RETURNED, '-o', SUMMARY))}"


def _names(names: Sequence[str]) -> str:
    shown = "、".join(one_line(name) for name in names[:_LISTED])
    return f"{shown} 等 {len(names)} 个" if len(names) > _LISTED else shown


# A look round the office's folder; nothing is written.

_SHEETS = {".xlsx", ".xlsm"}
# What WPS may make of a book, and what the office calls it.
_OTHER_SHEETS, _BOOK_WORD = {".xls", ".et", ".ods"}, "台账"
_PLANS = {".docx", ".xlsx", ".xls", ".txt", ".html", ".csv"}
_PLAN_WORDS = ("方案", "要点", "分工")


@dataclass(frozen=True, slots=True)
class Around:
    """The books in a folder, by name; ``plans`` may be what to start one from.

    ``broken`` are called as books are, and cannot be read as one.
    """

    books: tuple[Path, ...]
    plans: tuple[Path, ...]
    broken: tuple[Path, ...] = ()


def look_around(folder: Path) -> Around:
    """Find the books of a folder by what is in them. Raises FileError.

    A copy that an update has put aside does not count beside its book.
    """
    from ledgerbook.book import is_book

    files = [path for path in _files(folder) if not _is_lock(path)]
    books = [p for p in files if p.suffix.lower() in _SHEETS and is_book(p)]
    stems = {path.stem for path in books}
    now = [p for p in books if p.stem.partition(BEFORE)[0] not in stems - {p.stem}]
    plans = [
        path
        for path in files
        if path.suffix.lower() in _PLANS
        and path not in books
        and any(word in path.name for word in _PLAN_WORDS)
    ]
    broken = [path for path in files if path not in books and _is_broken(path)]
    return Around(tuple(now), tuple(plans), tuple(broken))


def _is_broken(path: Path) -> bool:
    from ledgerbook.book import is_workbook

    kind = path.suffix.lower()
    if not path.name.startswith(_BOOK_WORD):
        return False
    return kind in _OTHER_SHEETS or (kind in _SHEETS and not is_workbook(path))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise FileError(f"文件夹“{folder}”读不了（{reason(error)}）。") from error


def _is_lock(path: Path) -> bool:
    return path.name.startswith(("~$", "."))


def look(book_path: Path) -> WorkspaceStatus:
    """See how far a book's year has come, by what lies beside it.

    Raises InputError or FileError when the book must be put right first.
    """
    from ledgerbook.annual_report import draft_name
    from ledgerbook.book import read_book

    book = read_book(book_path)
    folder = book_path.parent
    returns = folder / RETURNED
    files = _returns(returns) if returns.is_dir() else None
    lock = locks.lock_of(book_path)
    draft = draft_name(book)
    return WorkspaceStatus(
        book_path.name,
        book,
        tuple(_rounds(book, folder / ISSUED)),
        None if files is None else len(files),
        _read_summary(book, book_path, files or {}),
        draft if (folder / draft).exists() else "",
        lock[1] if lock else "",
    )


def _rounds(book: Book, folder: Path) -> Iterator[RoundSeen]:
    stems = set(file_names(book.section_names).values())
    for one in book.rounds:
        there = folder / file_names([one.name])[one.name]
        found = there.glob("*.xlsx") if there.is_dir() else ()
        yield RoundSeen(one, sum(path.stem in stems for path in found))


def _returns(folder: Path) -> dict[str, Path]:
    from ledgerbook.intake.file_check import leftover

    found = find_files([folder])
    return {name: path for name, path in found.items() if not leftover(name)}


def _read_summary(
    book: Book, book_path: Path, returns: Mapping[str, Path]
) -> SummarySeen | None:
    from ledgerbook.summary import summary_name, told_by

    path = book_path.parent / SUMMARY / summary_name(book)
    if not path.is_file():
        return None
    told = told_by(path)
    # Dates tell little: a copied file keeps its own, and the office saves its remarks
    # in the summary. What is in the files tells.
    known = set(told.files.values()) - {""}
    fresh = sum(
        _digest(file) not in known and told.files.get(cell_text(name)) != ""
        for name, file in returns.items()
    )
    return SummarySeen(
        f"{SUMMARY}/{path.name}",
        told.facts.as_of if told.facts else None,
        tuple(
            one.section
            for one in (told.facts.sections if told.facts else ())
            if one.standing == SubmissionStatus.MISSING
        ),
        fresh,
        book_path.stat().st_mtime > path.stat().st_mtime,
    )


def _digest(path: Path) -> str:
    """Return what is in a file as 报送情况 has it; one that cannot be read is new."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
