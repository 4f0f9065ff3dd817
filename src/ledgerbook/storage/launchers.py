"""Make the Windows batch files that ``init`` puts beside a book, and read their input.

A clerk double-clicks one, or drops files on it; it then runs the hidden command
``ledgerbook drop JOB FILES…``, which finds book and folder itself. So a batch file names
neither, and its text is the same on every machine: ASCII but for one message, for
Windows reads batch files in the code page of the user.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Name of the batch file → the job that the hidden command ``drop`` does for it.
LAUNCHER_JOBS = {
    "看看进行到哪一步.bat": "look",
    "生成下发表.bat": "generate",
    "汇总（把收回的表拖到这里）.bat": "collect",
    "催办.bat": "remind",
    "检查（把填好的表拖到这里）.bat": "check",
    "程序出错时写诊断.bat": "diagnose",
}
# Environment variables that a batch file sets: its folder, its own path, and the
# command line by which Explorer started it.
FOLDER_VARIABLE = "LEDGERBOOK_FOLDER"
SCRIPT_VARIABLE = "LEDGERBOOK_SCRIPT"
LINE_VARIABLE = "LEDGERBOOK_LINE"

_NOT_INSTALLED = (
    "本机没有安装台账工具（ledgerbook），"
    "请找给您装本工具的人（本单位的电脑维护人员）安装，再双击一次。"
)
# The code page of Chinese Windows. No byte of a Chinese character is below A1, so that
# none has a meaning to the command interpreter in any other code page.
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
rem -P: import nothing from the current folder, into which others may have laid files.
"%RUN%" -P -m ledgerbook --version >nul 2>nul
if errorlevel 1 goto missing
"%RUN%" -P -m ledgerbook drop {job} %*
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
_ARGUMENT = re.compile(r'"([^"]*)"|([^ \t"]+)')
_HEADER = "@echo off\r\nrem ledgerbook {}\r\n"
_HEADER_PATTERN = re.compile(rb"@echo off\r\nrem ledgerbook ([0-9a-f]{16})\r\n")


@dataclass(frozen=True, slots=True)
class Launcher:
    """A batch file: its name and its content."""

    name: str
    data: bytes


def make_launchers() -> Iterator[Launcher]:
    """Yield the batch files, each with the hash of its body in its second line."""
    for name, job in LAUNCHER_JOBS.items():
        text = _TEMPLATE.lstrip().format(job=job, missing=_NOT_INSTALLED)
        body = text.replace("\n", "\r\n").encode(_ENCODING)
        yield Launcher(name, _HEADER.format(_hash_body(body)).encode() + body)


def is_unmodified(data: bytes) -> bool:
    """Whether this is a batch file of ours, of any version, that nobody has changed."""
    match = _HEADER_PATTERN.match(data)
    return match is not None and match[1].decode() == _hash_body(data[match.end() :])


def _hash_body(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def parse_dropped_names(line: str, script: str) -> tuple[str, ...]:
    r"""Return the paths after ``script`` in the command line that Explorer made.

    Such a line is ``cmd.exe /c ""D:\x.bat" D:\a&b.xlsx "D:\c d.xlsx""``. The line of a
    terminal does not name the script: the result is empty.
    """
    match = re.search(f'{re.escape(script)}"?', line, re.IGNORECASE) if script else None
    if match is None:
        return ()
    # The quote that is left over at the end encloses the whole command.
    arguments = _ARGUMENT.findall(line[match.end() :])
    return tuple(quoted or unquoted for quoted, unquoted in arguments if quoted or unquoted)
