"""Print to terminals and pipes: encodings, JSON, results, and what takes long."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledgerbook.text import escape_unsafe, make_single_line

if TYPE_CHECKING:
    from ledgerbook.model.results import FileReport
    from ledgerbook.parallel import ProgressCallback


_CHINESE_SAMPLE = "\u53f0\u8d26"


def configure_streams() -> None:
    """Configure the standard streams so that printing and reading never raise.

    Characters that the encoding lacks are escaped: emoji in file names on a GBK console,
    or bytes of a file name that are no text. An encoding without Chinese is replaced by
    UTF-8.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not _can_encode(stream.encoding, _CHINESE_SAMPLE):
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An answer in another encoding counts as "no" instead of ending the run.
        sys.stdin.reconfigure(errors="replace")


def format_json(data: Any) -> str:
    """Return ``data`` as JSON text for standard output.

    When the encoding lacks a character, all non-ASCII characters are escaped as JSON does
    it: the escapes of :func:`configure_streams` would not be valid JSON. Characters that
    could command a terminal are escaped too.
    """
    text = escape_unsafe(json.dumps(data, ensure_ascii=False, indent=2))
    if _can_encode(sys.stdout.encoding, text):
        return text
    return json.dumps(data, indent=2)


def _can_encode(encoding: str | None, text: str) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a sentence, or some lines, without what could command the terminal.

    Names of files are in them, and whoever sends a file has chosen its name.
    """
    click.echo("\n".join(map(make_single_line, text.split("\n"))), nl=nl, err=err)


def print_result(
    sentences: Iterable[str], outputs: Iterable[Path], *, dry_run: bool = False
) -> None:
    """Print what a command reports at its end, and the files to open."""
    for line in sentences:
        echo(line)
    if dry_run:
        echo("这是试运行，没有写任何文件。")
    for path in outputs:
        echo(f"请打开：{path}")


def print_faults(reports: Iterable[FileReport], *, is_debugging: bool) -> None:
    """Print, with --debug, where the program failed on files; to standard error only."""
    for report in reports:
        if is_debugging and report.fault:
            echo(f"{report.name}\n{report.fault.traceback}", err=True)


def log_to_stderr(context: click.Context) -> None:
    """Show the records of all our loggers on standard error, until ``context`` ends."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(relativeCreated)6d ms %(name)s: %(message)s"))
    logger = logging.getLogger("ledgerbook")
    if not any(type(one) is logging.StreamHandler for one in logger.handlers):
        logger.addHandler(handler)
        context.call_on_close(lambda: logger.removeHandler(handler))
    logger.setLevel(logging.DEBUG)


@contextmanager
def show_progress(description: str) -> Iterator[ProgressCallback]:
    """Show a progress bar on a terminal; yield the callback that moves it.

    When standard error is not a terminal, nothing is shown.
    """
    if not sys.stderr.isatty():
        from ledgerbook.parallel import no_progress

        yield no_progress
        return
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("还要"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(description, total=None)

        def on_progress(completed: int, total: int) -> None:
            display.update(task, completed=completed, total=total)

        yield on_progress


# A run that ends within so many seconds needs no word of what it is doing.
_PATIENCE = 1.0


@contextmanager
def tell_when_slow(sentence: str) -> Iterator[None]:
    """Print ``sentence`` on a terminal once the block has run for a second.

    When standard error is not a terminal, nothing is shown.
    """
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(_PATIENCE, echo, [sentence], {"err": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
