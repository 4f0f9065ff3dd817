"""Batch files that lie beside the book: files are dropped on them, or nothing is.

They name no book and no folder: the program finds both. So their text is the same
everywhere, and ASCII but for one message, whatever Windows takes the characters for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# File → the job that the hidden command ``drop`` does for it.
LAUNCHER_JOBS = {
    "看看进行到哪一步.bat": "look",
    "生成下发表.bat": "generate",
    "汇总（把收回的表拖到这里）.bat": "collect",
    "检查（把填好的表拖到这里）.bat": "check",
}
# What the batch files hand over beside the names that were dropped.
FOLDER_VARIABLE, SCRIPT_VARIABLE, LINE_VARIABLE = (
    "LEDGERBOOK_FOLDER",
    "LEDGERBOOK_SCRIPT",
    "LEDGERBOOK_LINE",
)

_NOT_INSTALLED = "本机没有安装台账工具（ledgerbook），请联系维护人员安装，再双击一次。"
# In what Chinese Windows reads a batch file by. No byte of it is below A1: none is
# taken for a sign that means something, by whatever page of codes it is read.
_ENCODING = "gb2312"

_TEMPLATE = r"""
rem Made by "ledgerbook init". Drop files on it, or double-click it.
setlocal EnableExtensions DisableDelayedExpansion
set "LEDGERBOOK_FOLDER=%~dp0"
set "LEDGERBOOK_SCRIPT=%~f0"
rem Explorer quotes names with a blank and no others: of a name with an ampersand or a
rem caret only the command line itself has all. The program takes it apart.
setlocal EnableDelayedExpansion
set "LEDGERBOOK_LINE=!cmdcmdline!"
setlocal DisableDelayedExpansion
set "CODE=2"
set "RUN="
for %%P in (ledgerbook.exe) do set "RUN=%%~$PATH:P"
if defined RUN goto installed
for %%P in (py.exe) do set "RUN=%%~$PATH:P"
if not defined RUN goto missing
"%RUN%" -m ledgerbook --version >nul 2>nul
if errorlevel 1 goto missing
"%RUN%" -m ledgerbook drop {job} %*
set "CODE=%ERRORLEVEL%"
goto finish
:installed
"%RUN%" drop {job} %*
set "CODE=%ERRORLEVEL%"
goto finish
:missing
echo {missing}
echo ledgerbook was not found on this computer.
:finish
echo.
pause
rem In a window of its own: end here, or what stands after an ampersand would be run.
setlocal EnableDelayedExpansion
set "REST=!LEDGERBOOK_LINE: /c =!"
if "!REST!"=="!LEDGERBOOK_LINE!" exit /b %CODE%
exit %CODE%
"""
_HEADER = "@echo off\r\nrem ledgerbook {}\r\n"
_HEADER_PATTERN = re.compile(rb"@echo off\r\nrem ledgerbook ([0-9a-f]{16})\r\n")


@dataclass(frozen=True, slots=True)
class Launcher:
    """A batch file: its name, and what is in it."""

    name: str
    data: bytes


def make_launchers() -> Iterator[Launcher]:
    """Yield the batch files."""
    for name, job in LAUNCHER_JOBS.items():
        text = _TEMPLATE.lstrip().format(job=job, missing=_NOT_INSTALLED)
        body = text.replace("\n", "\r\n").encode(_ENCODING)
        yield Launcher(name, _HEADER.format(_hash_body(body)).encode() + body)


def is_unmodified(data: bytes) -> bool:
    """Whether this is a batch file of ours, of any version, as we wrote it."""
    match = _HEADER_PATTERN.match(data)
    return match is not None and match[1].decode() == _hash_body(data[match.end() :])


def _hash_body(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


_ARGUMENT = re.compile(r'"([^"]*)"|([^ \t"]+)')


def parse_dropped_names(line: str, script: str) -> tuple[str, ...]:
    r"""Take the names that were dropped on ``script`` out of the command line.

    It reads ``cmd.exe /c ""D:\x.bat" D:\a&b.xlsx "D:\c d.xlsx""``; one of a terminal
    does not name the script, and gives nothing.
    """
    match = re.search(f'{re.escape(script)}"?', line, re.IGNORECASE) if script else None
    if match is None:
        return ()
    # A quote that is left over at the end is that of the whole command.
    arguments = _ARGUMENT.findall(line[match.end() :])
    return tuple(quoted or unquoted for quoted, unquoted in arguments if quoted or unquoted)
