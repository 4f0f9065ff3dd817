"""What a terminal shows while something takes long; a pipe or a file gets nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledgerbook.workshop import Progress


@contextmanager
def bar(words: str) -> Iterator[Progress]:
    """Yield what is to be told how much is done, of how much that is known of."""
    if not sys.stderr.isatty():
        from ledgerbook.workshop import silent

        yield silent
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
