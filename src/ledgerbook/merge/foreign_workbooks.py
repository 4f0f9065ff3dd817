"""Say what a workbook that is not ours is here for: evidence, a homemade return, or neither."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.name_check import find_named_section
from ledgerbook.merge.saved_times import list_owners
from ledgerbook.model import Book
from ledgerbook.model.problems import Problem
from ledgerbook.text import normalize

_FOREIGN_CODE, _EVIDENCE_KEY = "foreign-workbook", "evidence"
_PACKAGE_CODES = frozenset({"file-archive-read", "file-mail-read"})
# A shorter name of a file, and one of digits alone, is in too many texts.
_MIN_NAME_LENGTH = 2


@dataclass(frozen=True, slots=True)
class _EvidenceText:
    """What a row says of its evidence: the normalized text, the section and the task's code."""

    text: str
    section: str
    task: str


@dataclass(frozen=True, slots=True)
class _Returns:
    """What the returns say of workbooks that are not ours.

    ``package_sections`` are the sections whose returns came in each archive or mail, by its name.
    """

    mentions: tuple[_EvidenceText, ...]
    package_sections: Mapping[str, Collection[str]]
    sections: frozenset[str]


def settle_foreign_workbooks(book: Book, files: Sequence[FileContent]) -> list[FileContent]:
    """Return the files with each workbook that is not ours told as what it is here for.

    One that a return names, or that came in the same archive or mail as a return, is evidence.
    Where nobody returned anything, or not the section that its name has, it may be meant as
    the return. The pictures are kept of what one section names.
    """
    if not any(map(_find_foreign_problem, files)):
        return list(files)
    returns = _collect_returns(files)
    return [
        _settle(file, problem, book, returns) if (problem := _find_foreign_problem(file)) else file
        for file in files
    ]


def _find_foreign_problem(file: FileContent) -> Problem | None:
    return next((one for one in file.problems if one.code == _FOREIGN_CODE), None)


def _collect_returns(files: Sequence[FileContent]) -> _Returns:
    packages: dict[str, set[str]] = {
        file.report.name: set()
        for file in files
        if any(problem.code in _PACKAGE_CODES for problem in file.problems)
    }
    owners = {file.report.name: {section for _, section in list_owners(file)} for file in files}
    for name, sections in owners.items():
        for package in _list_packages(name, packages):
            packages[package] |= sections
    mentions = (
        _EvidenceText(normalize(answer.text).casefold(), row.section, row.task)
        for file in files
        for row in file.rows
        if (answer := row.answers.get(_EVIDENCE_KEY))
    )
    return _Returns(tuple(mentions), packages, frozenset().union(*owners.values()))


def _list_packages(name: str, packages: Collection[str]) -> Iterator[str]:
    """Yield the names of the archives and mails that a file is in, the innermost first."""
    return (str(path) for path in PurePosixPath(name).parents if str(path) in packages)


def _settle(file: FileContent, problem: Problem, book: Book, returns: _Returns) -> FileContent:
    name = file.report.name
    pattern = _compile_name(name)
    mentions = [one for one in returns.mentions if pattern.search(one.text)]
    packages = _list_packages(name, returns.package_sections)
    # Those of the innermost archive or mail that has a return.
    packed = set(next(filter(None, map(returns.package_sections.get, packages)), ()))
    named = {one.section for one in mentions}
    sections = (named & packed) or named or (packed if len(packed) == 1 else set())
    named_section = find_named_section(str(PurePosixPath(name).with_suffix("")), book)
    if sections:
        source = (
            f"“{problem.values['evidence']}”里写了它"
            if mentions
            else "和报送表在同一个压缩包或同一封邮件里"
        )
        values = {**problem.values, "sections": "、".join(sorted(sections)), "source": source}
        only_section = min(sections) if len(sections) == 1 else ""
        problem = replace(problem, code="foreign-evidence", values=values, section=only_section)
    elif returns.sections and (not named_section or named_section in returns.sections):
        problem = replace(problem, code="foreign-unnamed")
    tasks = [one.task for one in mentions if one.section == problem.section]
    attachments = tuple(
        replace(picture, section=problem.section, task=tasks[0], column=_EVIDENCE_KEY)
        for picture in file.attachments
        if tasks
    )
    report = replace(file.report, note=problem.message)
    return replace(file, report=report, problems=(problem,), attachments=attachments)


def _compile_name(name: str) -> re.Pattern[str]:
    """Return a pattern that finds the name of a file in normalized text, its ending or not."""
    path = PurePosixPath(name)
    full, stem = (normalize(text).casefold() for text in (path.name, path.stem))
    is_stem_telling = len(stem) >= _MIN_NAME_LENGTH and not stem.isdecimal()
    # 附件1 is not named by 附件12.
    return re.compile(rf"{re.escape(stem if is_stem_telling else full)}(?!\d)")
