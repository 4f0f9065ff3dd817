"""Implement ``ledgerbook`` without a command: print the state of the folder and the next step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from ledgerbook.cli.console import echo
from ledgerbook.cli.options import EXIT_COULD_NOT_RUN

# \uff59 is a full-width y.
_YES_ANSWERS = {"y", "yes", "\uff59", "是", "好"}


def show_status(run_command: Callable[[Sequence[str]], int]) -> int:
    """Print the state of the current folder and the next steps; return the exit code.

    On a terminal the user is asked whether to run the first of them now; ``run_command``
    runs it.
    """
    from ledgerbook import commands
    from ledgerbook.commands import workspace

    folder_books = commands.find_books(Path())
    if len(folder_books.books) != 1:
        _print_lines(
            workspace.explain_book_choice(
                folder_books.books, folder_books.broken, folder_books.plans
            )
        )
        return EXIT_COULD_NOT_RUN if folder_books.broken and not folder_books.books else 0
    today = date.today()  # noqa: DTZ011  the office's own day
    status = commands.read_workspace(folder_books.books[0])
    _print_lines(workspace.describe_status(status, today))
    steps = workspace.list_next_steps(status, today)
    for label, step in zip(("下一步", "也可以"), steps, strict=False):
        echo(f"{label}：{step.text}{'：' if step.arguments else '。'}")
        if step.arguments:
            echo(f"  {workspace.format_command(step.arguments)}")
    first = steps[0].arguments
    return run_command(first) if first and _confirm_run() else 0


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        echo(line)


def _confirm_run() -> bool:
    """Ask whether to run the command; False without asking when there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    echo("是否现在就做？[y/N] ", nl=False)
    return sys.stdin.readline().strip().lower() in _YES_ANSWERS
