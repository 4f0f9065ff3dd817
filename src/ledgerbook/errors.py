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
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledgerbook.faults import ProgramFault

# A phrase for the command line and one for Python within a message, between characters of
# Unicode's private use, which no keyboard types.
_PHRASES = re.compile("\ue000([^\ue001]*)\ue001([^\ue002]*)\ue002")


def name_option(option: str, argument: str) -> str:
    """Return what names an option in a message: to each reader as that reader writes it.

    ``option`` is as typed after a command, such as ``--year``; ``argument`` as in a call of
    the function in Python, such as ``year=``.
    """
    return f"\ue000{option}\ue001{argument}\ue002"


def _render(message: str, *, is_command_line: bool) -> str:
    return _PHRASES.sub(lambda match: match[1 if is_command_line else 2], message)


class LedgerbookError(Exception):
    """The base class of every exception that ledgerbook raises on purpose.

    ``code`` names what happened, for programs; ``path`` is the file or folder that it
    happened to, where it is known; ``values`` are further facts of the message by name.
    Its text speaks of arguments, :attr:`command_line_text` of options.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        path: Path | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code
        self.path = path
        self.values = dict(values or {})
        self.command_line_text = _render(message, is_command_line=True)
        super().__init__(_render(message, is_command_line=False))


class InputError(LedgerbookError):
    """The plan, the book or an option cannot be used.

    ``headline`` is the first sentence of the message; ``slips`` are all mistakes found,
    one sentence each, so that the office can correct them all at once.
    """

    def __init__(
        self,
        headline: str,
        slips: Sequence[str] = (),
        *,
        code: str = "",
        path: Path | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.headline = _render(headline, is_command_line=False)
        self.slips = tuple(_render(slip, is_command_line=False) for slip in slips)
        lines = [headline, *(f"  {number}. {slip}" for number, slip in enumerate(slips, 1))]
        super().__init__("\n".join(lines), code=code, path=path, values=values)
        self._marked = (headline, tuple(slips))

    def locate(self, path: Path) -> InputError:
        """Return this error as one of the file at ``path``, whose name then comes first."""
        headline, slips = self._marked
        return InputError(
            f"“{path.name}”：{headline}", slips, code=self.code, path=path, values=self.values
        )


class FileError(LedgerbookError):
    """A file or folder cannot be read or written."""


class ProgramFaultError(LedgerbookError):
    """The program itself failed on the files, and nothing was written."""

    def __init__(self, message: str, faults: Sequence[ProgramFault], *, code: str = "") -> None:
        self.faults = tuple(faults)
        super().__init__(message, code=code)


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
