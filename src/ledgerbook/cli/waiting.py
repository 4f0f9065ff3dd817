"""What a terminal shows while something takes long; a pipe or a file gets nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be told how much is done, of how much that is known of."""
    if not sys.stderr.isatty():
        yield _silent
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
    with progress.Progress(
        *columns, console=Console(stderr=True), transient=True
    ) as shown:
        task = shown.add_task(words, total=None)

        def told(done: int, known: int) -> None:
            shown.update(task, completed=done, total=known)

        yield told


def _silent(done: int, known: int) -> None:
    pass
