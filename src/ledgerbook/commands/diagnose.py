"""Implement ``diagnose``: write 诊断.zip, which a clerk can send to the maintainers.

The files are read once more, and what fails in the program is kept: where in the code, and
how the files are built. Nothing that a person typed or named is in it: no text of a cell, no
name of a file, sheet, section or person, no key, no password, no path of this computer.
"""

from __future__ import annotations

import io
import json
import os
import platform
import re
import zipfile
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ledgerbook.commands.arguments import (
    StrPath,
    check_callback,
    to_day,
    to_path,
    to_paths,
    to_texts,
)
from ledgerbook.commands.inputs import require_paths, require_suffix
from ledgerbook.errors import LedgerbookError
from ledgerbook.faults import ProgramFault, describe_fault
from ledgerbook.file_types import RefusedError, list_entry_names
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import find_files

if TYPE_CHECKING:
    from ledgerbook.intake.file_content import FileContent
    from ledgerbook.model import Book
    from ledgerbook.model.results import FileStatus

Result = TypeVar("Result")

DIAGNOSIS_NAME = "诊断.zip"
_DATA_NAME, _NOTE_NAME = "诊断.json", "说明.txt"
_NOTE = """这是台账工具（ledgerbook）的诊断信息，请发给给您装本工具的人（本单位的电脑维护人员）。

“诊断.json”里有：程序、Python 和系统的版本，用的是哪个命令，程序在自己的哪一行出了错，
每个文件的类型、大小、校验码的开头，和表格的构造（有几张工作表、多少行、多少格，没有内容）。

里面没有：表里填的文字，文件、工作表、科室和人的名字，台账的密钥，密码，
用户名、计算机名和文件夹的路径。可以自己打开看。
"""
_LIBRARIES = (
    "XlsxWriter",
    "click",
    "defusedxml",
    "docxtpl",
    "lxml",
    "msoffcrypto-tool",
    "olefile",
    "openpyxl",
    "pandas",
    "pebble",
    "python-calamine",
    "python-docx",
    "rapidfuzz",
    "xlrd",
)
_RELEASE = re.compile(r"[\d.]+")
# Characters of a SHA-256 by which the maintainers tell two files apart.
_HASH_LENGTH = 12
# The entries of a zip have a fixed time (APPNOTE.TXT 4.4.6): the same content, the same bytes.
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DiagnoseResult:
    """The file that was written, the number of files read, and the faults that were found.

    ``file_names`` are those of the files, in the order of their numbers in 诊断.json, which
    has no names.
    """

    path: Path
    file_count: int
    faults: tuple[ProgramFault, ...]
    file_names: tuple[str, ...] = ()


def diagnose(
    paths: StrPath | Iterable[StrPath],
    output: StrPath = "诊断.zip",
    *,
    as_of: date,
    passwords: str | Iterable[str] = (),
    on_progress: ProgressCallback = no_progress,
) -> DiagnoseResult:
    """Read the files under ``paths``, a book among them if there is one; write 诊断.zip.

    Raises InputError or FileError when a path or the output cannot be used.
    """
    from ledgerbook.intake.structure import inspect_file
    from ledgerbook.intake.worker_pool import read_files

    paths, output = to_paths("paths", paths), to_path("output", output)
    require_paths("paths", paths)
    as_of, passwords = to_day("as_of", as_of), to_texts("passwords", passwords)
    check_callback("on_progress", on_progress)
    require_suffix(output, ".zip", "诊断信息")
    output = _find_free_path(output)
    files = {name: path for name, path in find_files(paths).items() if not _is_same(path, output)}
    steps = _Steps()
    book = steps.run("book", lambda: _read_only_book(list(files.values())))
    contents = (
        steps.run(
            "read",
            lambda: read_files(
                files,
                book,
                as_of,
                passwords=passwords,
                reader=inspect_file,
                on_progress=on_progress,
            ),
        )
        or []
    )
    statuses: Mapping[str, FileStatus] = {}
    if book is not None:
        # Only the merge judges the files: before it nothing is known of their status.
        statuses = steps.run("merge", lambda: _summarize(book, contents, as_of)) or {}
    faults = [
        *steps.faults,
        *(content.report.fault for content in contents if content.report.fault),
    ]
    data = {
        "steps": steps.outcomes,
        "files": [
            _describe_file(number, one, statuses.get(one.report.name))
            for number, one in enumerate(contents, 1)
        ],
    }
    write_diagnosis(output, data)
    names = tuple(content.report.name for content in contents)
    return DiagnoseResult(output, len(contents), tuple(faults), names)


def write_diagnosis(output: Path, data: dict[str, Any]) -> None:
    """Write ``data``, with the versions of everything, into a zip. Raises FileError."""
    text = json.dumps({**describe_versions(), **data}, ensure_ascii=False, indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in ((_NOTE_NAME, _NOTE), (_DATA_NAME, text)):
            entry = zipfile.ZipInfo(name, _ENTRY_TIME)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    atomic.write_file(output, buffer.getvalue())


def write_crash(
    error: BaseException, arguments: Sequence[str], known_words: Container[str], folder: Path
) -> Path:
    """Write 诊断.zip about an exception that ended a command, and return its path.

    ``arguments`` are those of the command line, ``known_words`` the names of all commands and
    options. Raises FileError.
    """
    path = _find_free_path(folder / DIAGNOSIS_NAME)
    outline = list(describe_fault(error).outline)
    write_diagnosis(path, {"command": mask_arguments(arguments, known_words), "fault": outline})
    return path


def describe_versions() -> dict[str, Any]:
    """Return the versions of the program, of Python, of the system and of the libraries."""
    release = _RELEASE.match(platform.release())
    return {
        "ledgerbook": _get_version("ledgerbook"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {release[0] if release else ''} {platform.machine()}",
        "cores": os.cpu_count(),
        "libraries": {name: _get_version(name) for name in _LIBRARIES},
    }


def _get_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "?"


def mask_arguments(arguments: Sequence[str], known_words: Container[str]) -> list[str]:
    """Return a command line with ``known_words``, files by suffix, and … for all else.

    A password may look like an option, and a name may be attached to one (``-o汇总``).
    """
    names = [argument.partition("=")[0] for argument in arguments]
    return [
        name if name in known_words else _mask_path(argument)
        for name, argument in zip(names, arguments, strict=True)
    ]


def _mask_path(argument: str) -> str:
    from ledgerbook.intake.structure import mask_suffix

    if os.path.isdir(argument):  # noqa: PTH112  Path.is_dir raises for a name that is too long
        return "文件夹"
    is_file = os.path.isfile(argument)  # noqa: PTH113  likewise
    return f"文件{mask_suffix(argument)}" if is_file else "…"


class _Steps:
    """Runs the steps of a diagnosis; a step that fails is kept and does not end it."""

    def __init__(self) -> None:
        self.faults: list[ProgramFault] = []
        self.outcomes: dict[str, Any] = {}

    def run(self, name: str, step: Callable[[], Result]) -> Result | None:
        try:
            result = step()
        except LedgerbookError as error:
            # Its message is for the clerk, and quotes names and cells.
            self.outcomes[name] = type(error).__name__
        except Exception as error:  # noqa: BLE001  what is looked for
            fault = describe_fault(error)
            self.faults.append(fault)
            self.outcomes[name] = {"fault": list(fault.outline)}
        else:
            self.outcomes[name] = "ok" if result is not None else "none"
            return result
        return None


def _read_only_book(paths: Sequence[Path]) -> Book | None:
    """Return the book among ``paths``; None unless there is exactly one."""
    from ledgerbook.book import is_book, read_book

    books = [path for path in paths if path.is_file() and is_book(path)]
    return read_book(books[0]) if len(books) == 1 else None


def _summarize(book: Book, contents: Sequence[FileContent], as_of: date) -> dict[str, FileStatus]:
    """Merge and draw the summary to see whether the program fails; return each file's status."""
    from ledgerbook.intake.pipeline import refuse_as_sent
    from ledgerbook.merge.ledger import merge_returns
    from ledgerbook.summary import write_summary

    ledger = merge_returns(book, [refuse_as_sent(one) for one in contents], as_of)
    write_summary(ledger)
    return {report.name: report.status for report in ledger.file_reports}


def _describe_file(number: int, content: FileContent, status: FileStatus | None) -> dict[str, Any]:
    """Return what may be told of one file; ``status`` is None where nobody has judged it."""
    from ledgerbook.intake.structure import InspectedFile, mask_suffix

    report = content.report
    return {
        "number": number,
        "suffix": mask_suffix(report.name),
        "size": report.size,
        "sha256": report.sha256[:_HASH_LENGTH],
        **({"status": status.name} if status else {}),
        "problems": [problem.code for problem in content.problems],
        "fault": list(report.fault.outline) if report.fault else None,
        "structure": content.structure if isinstance(content, InspectedFile) else {},
    }


def _is_same(path: Path, output: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(output)


def _find_free_path(output: Path) -> Path:
    """Return ``output``, or where another's file is there, one beside it: 诊断(2).zip."""
    path, number = output, 2
    while path.exists() and not _is_diagnosis(path):
        path = output.with_name(f"{output.stem}({number}){output.suffix}")
        number += 1
    return path


def _is_diagnosis(path: Path) -> bool:
    try:
        return _DATA_NAME in list_entry_names(path)
    except RefusedError:
        return False
