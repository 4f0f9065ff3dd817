"""The command that drafts the annual report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ledgerbook.cli.chinese import Command
from ledgerbook.cli.options import CLEAN, PATH, PROBLEMS, passwords, prefer, today
from ledgerbook.cli.telling import tell


@click.command(cls=Command)
@click.argument("book", type=PATH, metavar="台账")
@click.argument("returns", type=PATH, nargs=-1, required=True, metavar="报送表...")
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="文件",
    help="初稿存成哪个文件，不写就是“<年度>年报初稿.docx”。",
)
@click.option(
    "--summary",
    type=PATH,
    metavar="年度汇总",
    help="您在“采用口径”里写过话的年度汇总；写了口径的，用口径代替科室原话。",
)
@click.option(
    "--template",
    type=PATH,
    metavar="模板",
    help="本单位自己的 .docx 模板；不写就按公文格式排。",
)
@click.option(
    "--overwrite", is_flag=True, help="初稿已经存在时也覆盖；里面改过的文字就没有了。"
)
@prefer
@passwords
@today
def report(
    book: Path, returns: tuple[Path, ...], output: Path | None, **options: Any
) -> int:
    """起草政府信息公开工作年度报告（Word 初稿）。

    例：ledgerbook report 台账.xlsx 收回 -o 年报初稿.docx

    采用汇总里写好的口径：再加上 --summary 汇总/2022年度汇总.xlsx

    没有必须处理的事项时退出码为 0；有时为 1；没能运行时为 2。
    """
    from ledgerbook import jobs
    from ledgerbook.draft import sentences

    done = jobs.write_report(book, returns, output, **options)
    tell(sentences(done.draft), [done.path])
    return PROBLEMS if done.draft.grave else CLEAN
