"""Define the exceptions that stop a run, and describe errors of the system in Chinese.

    LedgerbookError
    ├── InputError   the plan, the book or an option cannot be used as it is
    ├── FileError    a file or folder cannot be read or written
    └── ProgramFaultError   the program itself failed on every file

What is wrong *in a return* never stops a run: that is a value of the class
:class:`ledgerbook.model.problems.Problem`. Every message is a plain Chinese sentence
for a clerk: what happened, where, and what to do.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledgerbook.faults import ProgramFault


class LedgerbookError(Exception):
    """The base class of every exception that ledgerbook raises on purpose."""


class InputError(LedgerbookError):
    """The plan, the book or an option cannot be used.

    ``headline`` is the first sentence of the message; ``slips`` are all mistakes found,
    one sentence each, so that the office can correct them all at once.
    """

    def __init__(self, headline: str, slips: Sequence[str] = ()) -> None:
        self.headline = headline
        self.slips = tuple(slips)
        lines = [headline]
        lines += [f"  {number}. {slip}" for number, slip in enumerate(self.slips, 1)]
        super().__init__("\n".join(lines))


class FileError(LedgerbookError):
    """A file or folder cannot be read or written."""


class ProgramFaultError(LedgerbookError):
    """The program itself failed on the files, and nothing was written."""

    def __init__(self, message: str, faults: Sequence[ProgramFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


_OS_ERROR_REASONS: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: "磁盘空间不够了",
        errno.EDQUOT: "磁盘空间不够了",
        errno.EFBIG: "文件太大，磁盘放不下",
        errno.EROFS: "所在的磁盘是只读的",
        errno.EACCES: "没有权限",
        errno.EPERM: "没有权限",
        errno.EEXIST: "有一个同名的文件占着位置",
        errno.ENOTDIR: "有一个同名的文件占着文件夹的位置",
        errno.EISDIR: "有一个同名的文件夹占着位置",
        errno.ENAMETOOLONG: "文件名或文件夹的路径太长",
        errno.ENOENT: "文件已经不在了",
        errno.EBUSY: "正被别的程序占用",
        errno.EIO: "磁盘读写出错",
    }
)


def describe_os_error(error: OSError) -> str:
    """Return in Chinese why the system refused; an unlisted cause by its number."""
    return _OS_ERROR_REASONS.get(error.errno or 0, f"系统错误 {error.errno}")
