"""The command that issues a round."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledgerbook.cli.chinese import Command
from ledgerbook.cli.options import PATH, passwords, today
from ledgerbook.cli.waiting import bar

if TYPE_CHECKING:
    from ledgerbook.jobs import Generated


@click.command(cls=Command)
@click.argument("book", type=PATH, metavar="台账")
@click.option(
    "--round",
    "round_name",
    default="",
    metavar="批次",
    help="生成哪个批次的表，不写就是第一个。",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("发出"),
    metavar="文件夹",
    help="表放进哪个文件夹，不写就是“发出”。",
)
@click.option(
    "--from",
    "earlier",
    type=PATH,
    multiple=True,
    metavar="报送表",
    help="以前批次收回的表（文件或文件夹），把已填的内容带到新表里，可以写多次。",
)
@click.option(
    "--eml",
    is_flag=True,
    help="再给每个科室写一封带附件的邮件草稿（.eml），收件人取自“科室”表的电子邮箱。",
)
@click.option(
    "--notice",
    type=PATH,
    metavar="模板",
    help="填报通知用本单位自己的 .docx 模板；不写就按公文格式排。",
)
@passwords
@today
def generate(book: Path, output: Path, as_of: date, **options: Any) -> None:
    """生成总台账、发给各科室的表、签发清单和填报通知。

    例：ledgerbook generate 台账.xlsx --round 年度 -o 发出

    连邮件草稿一起生成：ledgerbook generate 台账.xlsx --eml
    """
    from ledgerbook import workshop

    # What reads workbooks makes them as well.
    workshop.clean_start(workshop.READING)
    from ledgerbook import jobs

    with bar("正在生成") as told:
        made = jobs.generate(book, output, issued_on=as_of, told=told, **options)
    click.echo(f"批次“{made.round.name}”的表已生成，共 {len(made.files)} 个文件：")
    for path in made.files:
        click.echo(f"  {path}")
    if made.round.due is None:
        click.echo("提示：台账“批次”表没有填报送截止日期，表上写的是“另行通知”。")
    if made.idle:
        click.echo(f"提示：{'、'.join(made.idle)}没有任务，没有生成表。")
    if made.orphans:
        numbers = "、".join(map(str, made.orphans))
        click.echo(f"提示：第 {numbers} 项没有责任科室，请在台账“分工”表中指定。")
    _tell_of_letters(made)


def _tell_of_letters(made: Generated) -> None:
    if made.unaddressed:
        names = "、".join(made.unaddressed)
        click.echo(
            f"提示：{names}在台账“科室”表中没有填电子邮箱，"
            "邮件草稿的收件人空着，请在发送前补上。"
        )
    for path in made.left:
        click.echo(
            f"提示：“{path}”已经有人改过，没有更新。要重新生成，请先把它移走再运行。"
        )
    if made.dropped:
        click.echo(
            f"提示：以前的 {len(made.dropped)} 封邮件草稿附的是旧表，已经删去。"
            "需要的话，请加上 --eml 再运行一次。"
        )
