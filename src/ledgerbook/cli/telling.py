"""What a command says once it is done: how it went, and what to open."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click


def tell(
    sentences: Iterable[str], outputs: Iterable[Path], *, dry_run: bool = False
) -> None:
    for line in sentences:
        click.echo(line)
    if dry_run:
        click.echo("这是试运行，没有写任何文件。")
    for path in outputs:
        click.echo(f"请打开：{path}")
