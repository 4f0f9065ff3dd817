"""Describe exceptions that nothing in a file should cause: faults of the program itself."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from traceback import FrameSummary, TracebackException

# Folder of code → what stands for it in an outline; the first that matches counts.
_CODE_FOLDERS = (
    (Path(__file__).parent, "ledgerbook"),
    (Path(sysconfig.get_path("purelib")), ""),
    (Path(sysconfig.get_path("platlib")), ""),
    (Path(sysconfig.get_path("stdlib")), "python"),
)
# The calls next to the error say most; an endless recursion has a thousand.
_MAX_FRAMES = 40


@dataclass(frozen=True, slots=True)
class ProgramFault:
    """An exception that is the program's own fault, as text.

    ``outline`` has the type of each exception and where it was raised, and nothing that may
    be private: no message, no path outside the program, no name of other code. ``traceback`` is
    the one of Python, whose message may quote a cell: it is shown on --debug alone.
    """

    error_type: str
    outline: tuple[str, ...]
    traceback: str


def is_raised_by_program(error: BaseException) -> bool:
    """Whether a line of the program raised ``error``, and not a library that read a file.

    To be asked where libraries call the program back, or are called in many places, and
    whatever they raise counts as damage of the file: a fault of ours must not.
    """
    traceback = error.__traceback__
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    path = Path(traceback.tb_frame.f_code.co_filename)
    # Modules that are built into Python have no path. The program may be among the libraries.
    folders = (name for folder, name in _CODE_FOLDERS if path.is_relative_to(folder))
    return path.is_absolute() and next(folders, "ledgerbook") == "ledgerbook"


def describe_fault(error: BaseException) -> ProgramFault:
    """Return ``error`` as text, in the process in which it was raised."""
    details = TracebackException.from_exception(error)
    return ProgramFault(
        type(error).__name__,
        tuple(_outline_chain(error)),
        "".join(details.format()),
    )


def _outline_chain(error: BaseException) -> Iterator[str]:
    """Yield the lines of an exception and of those that led to it, the last raised first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield type(current).__name__
        frames = TracebackException.from_exception(current, lookup_lines=False).stack
        yield from (f"  {_outline_frame(frame)}" for frame in frames[-_MAX_FRAMES:])
        context = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or context


def _outline_frame(frame: FrameSummary) -> str:
    """Return where a call stands; of code that is no part of the program only that it is."""
    path = Path(frame.filename)
    for folder, name in _CODE_FOLDERS:
        if path.is_relative_to(folder):
            inside = Path(name, path.relative_to(folder)).as_posix()
            return f"{inside}:{frame.lineno} {frame.name}"
    return "…"
