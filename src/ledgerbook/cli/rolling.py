"""The command that rolls the summaries of many units up into one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ledgerbook.cli.chinese import Command, Year
from ledgerbook.cli.options import CLEAN, PATH, PROBLEMS, export, passwords, today
from ledgerbook.cli.streams import json_text
from ledgerbook.cli.telling import tell


@click.command(cls=Command)
@click.argument("summaries", type=PATH, nargs=-1, required=True, metavar="年度汇总...")
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("上级汇总"),
    metavar="文件夹",
    help="结果放进哪个文件夹，不写就是“上级汇总”。",
)
@click.option(
    "--name",
    default="",
    metavar="名称",
    help="这一级叫什么，例如“中山市”；再往上汇总时，单位写成“中山市/金融工作局”。",
)
@click.option(
    "--year",
    type=Year(),
    metavar="年份",
    help="汇总哪一年；不写就是多数文件的那一年，别的年度列入问题清单。",
)
@click.option(
    "--expect",
    type=PATH,
    metavar="名单",
    help="应报单位名单（文本一行一个，或 Excel 表一列），据以列出谁没有报。",
)
@export
@passwords
@today
@click.option("--dry-run", is_flag=True, help="只看结果，不写任何文件。")
@click.option(
    "--json", "as_json", is_flag=True, help="用 JSON 输出结果，供其他程序读取。"
)
def rollup(
    summaries: tuple[Path, ...], output: Path, *, as_json: bool, **options: Any
) -> int:
    """把各单位的年度汇总（文件或文件夹）并成上一级的汇总。

    例：ledgerbook rollup 各局汇总 --name 中山市 --expect 名单.txt -o 上级汇总

    各县区并好的汇总可以再往上并一级。没有问题时退出码为 0；有问题需要人处理时为 1；
    没能运行时为 2。
    """
    from ledgerbook import jobs
    from ledgerbook.rollup import report

    done = jobs.rollup(summaries, output, **options)
    if as_json:
        data = report.as_dict(done.rollup, done.outputs)
        click.echo(json_text(data))
    else:
        lines = report.sentences(done.rollup)
        tell(lines, done.outputs, dry_run=options["dry_run"])
    return PROBLEMS if done.rollup.needs_someone else CLEAN
