"""What came back becomes a draft of the annual report, for the office to finish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.inputs import demand_kind, preferred, read_returns
from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.merge.ledger import merge
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import find_files

if TYPE_CHECKING:
    from ledgerbook.annual_report import ReportDraft


# The office's column of the summary whose words stand in place of a section's.
ADOPTED = "采用口径"


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A draft, the ledger it is made from and where it was written."""

    draft: ReportDraft
    ledger: Ledger
    path: Path


def write_report(  # noqa: PLR0913  one argument an option of the command
    book_path: Path,
    returns: Sequence[Path],
    output: Path | None = None,
    *,
    as_of: date,
    summary: Path | None = None,
    template: Path | None = None,
    prefer: Sequence[str] = (),
    passwords: Sequence[str] = (),
    overwrite: bool = False,
) -> ReportResult:
    """Merge ``returns`` and write a Word draft of the annual report.

    ``summary`` is the year's summary in which the office has typed what wording it
    adopts; ``template`` a .docx of its own to be filled instead of our own layout.
    Raises FileError rather than overwrite a draft: the office works in it. Raises
    InputError or FileError when the book, a folder or the template cannot be used.
    """
    from ledgerbook.annual_report import draft, draft_name, fill_template, write_draft
    from ledgerbook.book import read_book

    book = read_book(book_path)
    target = output or Path(draft_name(book))
    demand_kind(target, ".docx", "年报初稿")
    if target.exists() and not overwrite:
        raise FileError(
            f"“{target}”已经存在，里面可能有您改过的文字，没有覆盖。"
            "请换一个文件名（-o），或先把它移走；确实不要了，请加上 --overwrite。"
        )
    atomic.ready([target])
    # Both are read before the returns are: a slip there should cost no waiting.
    adopted = _adopted(summary, book) if summary else {}
    own = _read(template, "模板") if template else None
    files = find_files(returns)
    reads = read_returns(files, book, as_of, passwords)
    ledger = merge(book, reads, as_of, preferred=preferred(prefer, files, reads))
    made = draft(ledger, adopted)
    # An empty template is a broken one, not none.
    data = write_draft(made) if own is None else fill_template(made, own, str(template))
    atomic.write(target, data)
    return ReportResult(made, ledger, target)


def _adopted(summary: Path, book: Book) -> Mapping[str, str]:
    """Return the wordings that the office has typed into a summary, by row code."""
    from ledgerbook.summary import code_header, read_reviews

    data = _read(summary, "年度汇总")
    try:
        reviews = read_reviews(data, code_header(book))
    except FileError as error:
        raise InputError(
            f"“{summary}”里找不到“{ADOPTED}”，没有生成初稿。"
            "请核对它是不是用 collect 生成的年度汇总；"
            "不用其中的口径，就不写 --summary。"
        ) from error
    return {
        code: words
        for (code, header), words in reviews.said.items()
        if header == ADOPTED
    }


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"{what}“{path}”读不了（{reason(error)}），没有生成初稿。"
        ) from error
