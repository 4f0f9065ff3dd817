"""The command line without a command: where things stand, and what comes next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from ledgerbook.cli.options import COULD_NOT_RUN

_YES = {"y", "yes", "\uff59", "是", "好"}


def look(run: Callable[[Sequence[str]], int]) -> int:
    """Tell how far the year has come in this folder, and offer the next step.

    Only a person at a terminal is asked; ``run`` then does it.
    """
    from ledgerbook import commands
    from ledgerbook.commands import workspace

    around = commands.look_around(Path())
    if len(around.books) != 1:
        _say(workspace.not_one_book(around.books, around.broken, around.plans))
        return COULD_NOT_RUN if around.broken and not around.books else 0
    today = date.today()  # noqa: DTZ011  the office's own day
    found = commands.look(around.books[0])
    _say(workspace.sentences(found, today))
    step = workspace.next_step(found, today)
    if not step.words:
        click.echo(f"下一步：{step.told}。")
        return 0
    click.echo(f"下一步：{step.told}：")
    click.echo(f"  {workspace.command_line(step.words)}")
    return run(step.words) if _wanted() else 0


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _wanted() -> bool:
    """Whether a person says so; nobody is asked in a pipe."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    click.echo("是否现在就做？[y/N] ", nl=False)
    return sys.stdin.readline().strip().lower() in _YES
