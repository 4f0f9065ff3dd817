"""Implement ``report``: merge the returns and draft the annual report in Word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_flags,
    to_day,
    to_optional_path,
    to_path,
    to_path_texts,
    to_paths,
    to_texts,
)
from ledgerbook.commands.inputs import merge_files, require_paths, require_suffix
from ledgerbook.errors import FileError, InputError, name_option
from ledgerbook.merge.office_entries import leave_out_later_words
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import read_file_bytes

if TYPE_CHECKING:
    from ledgerbook.annual_report import AdoptedWording, ReportDraft


# Header of the summary's column whose texts replace the wordings of sections.
ADOPTED_HEADER = "采用口径"


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A draft, the ledger that it was built from and the path it was written to."""

    draft: ReportDraft
    ledger: Ledger
    path: Path


def write_report(  # noqa: PLR0913  one argument an option of the command
    book_path: StrPath,
    returns: StrPath | Iterable[StrPath],
    output: StrPath | None = None,
    *,
    as_of: date,
    summary: StrPath | None = None,
    template: StrPath | None = None,
    prefer: StrPath | Iterable[StrPath] = (),
    passwords: str | Iterable[str] = (),
    overwrite: bool = False,
) -> ReportResult:
    """Merge ``returns`` and write a Word draft of the annual report.

    The adopted wordings (采用口径) are those of the book; ``summary`` is an annual summary in
    which the office has typed others since; ``template`` is a .docx template of the office,
    used instead of the built-in layout. ``prefer`` and ``passwords`` are as in ``collect``.
    Raises FileError when the draft exists and ``overwrite`` is not set, since the office
    edits it; InputError or FileError when the book, a folder or the template cannot be
    used.
    """
    from ledgerbook.annual_report import (
        AdoptedWording,
        build_draft,
        fill_template,
        suggest_draft_name,
        write_draft,
    )
    from ledgerbook.book import read_book

    book_path, returns = to_path("book_path", book_path), to_paths("returns", returns)
    require_paths("returns", returns)
    output, as_of = to_optional_path("output", output), to_day("as_of", as_of)
    summary = to_optional_path("summary", summary)
    template = to_optional_path("template", template)
    prefer, passwords = to_path_texts("prefer", prefer), to_texts("passwords", passwords)
    check_flags(overwrite=overwrite)
    book = read_book(book_path)
    if not book.is_for_disclosure:
        raise InputError(
            f"这本台账不是政务公开的（“基本信息”里的工作名称是“{book.work_name}”），"
            "政府信息公开工作年度报告里没有它的内容，没有起草。"
            "确是政务公开的，请在工作名称里写上“政务公开”。",
            code="report-not-applicable",
            path=book_path,
        )
    target = output or Path(suggest_draft_name(book))
    require_suffix(target, ".docx", "年报初稿")
    if target.exists() and not overwrite:
        raise FileError(
            f"“{target}”已经存在，里面可能有您改过的文字，没有覆盖。"
            f"请换一个文件名（{name_option('-o', 'output=')}），或先把它移走；"
            f"确实不要了，请加上 {name_option('--overwrite', 'overwrite=True')}。",
            code="file-exists",
            path=target,
        )
    atomic.check_writable([target])
    version = atomic.read_version(target)
    # Both are read before the returns, which may take minutes, so that errors come early.
    adopted = {
        code: AdoptedWording(note.text, note.fingerprint)
        for (code, item), note in leave_out_later_words(book, as_of).map_office_notes().items()
        if item == ADOPTED_HEADER
    }
    for code, wording in (_read_adopted_wordings(summary, book) if summary else {}).items():
        # What stands in the summary as it was written there keeps its own fingerprint.
        if code not in adopted or adopted[code].text != wording.text:
            adopted[code] = wording
    template_data = read_file_bytes(template, "模板", "没有生成初稿") if template else None
    ledger = merge_files(book, returns, as_of, "report", prefer=prefer, passwords=passwords)
    report_draft = build_draft(ledger, adopted)
    # An empty file is a broken template, hence "is None".
    data = (
        write_draft(report_draft)
        if template_data is None
        else fill_template(report_draft, template_data, str(template))
    )
    atomic.write_file(target, data, version)
    return ReportResult(report_draft, ledger, target)


def _read_adopted_wordings(summary: Path, book: Book) -> Mapping[str, AdoptedWording]:
    """Return the adopted wordings in a summary by row code. Raises InputError, FileError."""
    from ledgerbook.annual_report import AdoptedWording
    from ledgerbook.summary import find_row_code_header, read_office_notes

    data = read_file_bytes(summary, "年度汇总", "没有生成初稿")
    try:
        notes = read_office_notes(data, find_row_code_header(book))
    except FileError as error:
        raise InputError(
            f"“{summary}”里找不到“{ADOPTED_HEADER}”，没有生成初稿。"
            "请核对它是不是用 collect 生成的年度汇总；"
            f"不用其中的口径，就不写 {name_option('--summary', 'summary=')}。",
            code="summary-unreadable",
            path=summary,
        ) from error
    return {
        code: AdoptedWording(text, notes.fingerprints.get(code, ""))
        for (code, header), text in notes.texts.items()
        if header == ADOPTED_HEADER
    }
