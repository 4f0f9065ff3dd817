"""The hidden command that the batch files beside a book call."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click

from ledgerbook.cli.chinese import Command, Kind
from ledgerbook.cli.looking import look
from ledgerbook.cli.options import PATH, again
from ledgerbook.disk.launchers import FOLDER, JOBS, LINE, SCRIPT, dropped_names
from ledgerbook.errors import FileError


@click.command(cls=Command, hidden=True)
@click.argument("job", type=Kind(tuple(JOBS.values())), metavar="做什么")
@click.argument("dropped", type=PATH, nargs=-1, metavar="[文件...]")
@click.option("--folder", type=PATH, default=Path(), envvar=FOLDER, metavar="文件夹")
@click.option("--line", default="", envvar=LINE, metavar="命令行")
@click.option("--script", default="", envvar=SCRIPT, metavar="文件")
def drop(
    job: str, dropped: tuple[Path, ...], folder: Path, line: str, script: str
) -> int:
    """由台账旁边的 .bat 文件调用：拖上去的文件怎么处理。

    例：ledgerbook drop collect 收回的表.xlsx
    """
    from ledgerbook import jobs

    if job == "look":
        os.chdir(folder)
        return look(again)
    named = tuple(Path(name) for name in dropped_names(line, script))
    # Where the command line was read rightly, every name in it is that of a file.
    files = named if named and all(path.exists() for path in named) else dropped
    today = date.today()  # noqa: DTZ011  the office's own day
    meant = jobs.meant(job, files, folder, today)
    for path in meant.taken:
        click.echo(f"已放进“{path.parent.name}”文件夹：{path.name}")
    if meant.note:
        click.echo(meant.note)
    return again(meant.words)


def tell_placed(folder: Path) -> None:
    """Put the batch files beside a new book; a book without them is a book as well."""
    from ledgerbook import jobs

    try:
        placed = jobs.place_launchers(folder)
    except FileError as error:
        click.echo(f"提示：台账旁边的 .bat 文件没有放好，不影响使用。{error}")
        return
    names = "、".join(path.stem for path in placed.written)
    if names:
        click.echo(
            f"旁边放了几个 .bat 文件，Windows 上可以双击，也可以把表拖上去：{names}"
        )
    for path in placed.left:
        click.echo(f"提示：“{path}”已经有人改过，没有更新。")
