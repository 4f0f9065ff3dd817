"""Terminals and pipes that know few characters: everything printed comes out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ledgerbook.parallel import ProgressCallback


_CHINESE_SAMPLE = "\u53f0\u8d26"


def configure_streams() -> None:
    """Make the standard streams take whatever is to be printed.

    A file's name may hold what the encoding does not have (a GBK console knows no
    emoji), or no text at all: that is escaped. An encoding without Chinese would leave
    nothing to read: there UTF-8 takes its place.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not _can_encode(stream.encoding, _CHINESE_SAMPLE):
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An answer typed in another encoding is no answer, and no end of the run.
        sys.stdin.reconfigure(errors="replace")


def format_json(data: Any) -> str:
    """Return JSON that is valid in the encoding it will be printed in.

    What an encoding lacks is escaped as JSON has it, not as Python would.
    """
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if _can_encode(sys.stdout.encoding, text):
        return text
    return json.dumps(data, indent=2)


def _can_encode(encoding: str | None, text: str) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


# What a command says once it is done: how it went, and what to open.


def print_result(
    sentences: Iterable[str], outputs: Iterable[Path], *, dry_run: bool = False
) -> None:
    for line in sentences:
        click.echo(line)
    if dry_run:
        click.echo("这是试运行，没有写任何文件。")
    for path in outputs:
        click.echo(f"请打开：{path}")


# What a terminal shows while something takes long; a pipe or a file gets nothing.


@contextmanager
def show_progress(description: str) -> Iterator[ProgressCallback]:
    """Yield what is to be told how much is done, of how much that is known of."""
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
