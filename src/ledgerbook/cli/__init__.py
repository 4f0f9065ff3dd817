"""The command line: parse, call one job, print. No logic of its own lives here."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from ledgerbook.cli.chinese import Group, Number, Same, Year, complaint
from ledgerbook.cli.dropping import drop, tell_placed
from ledgerbook.cli.looking import look
from ledgerbook.cli.options import (
    CLEAN,
    COULD_NOT_RUN,
    PATH,
    PROBLEMS,
    RETURNED,
    again,
    export,
    passwords,
    prefer,
    today,
)
from ledgerbook.cli.reporting import report
from ledgerbook.cli.rolling import rollup
from ledgerbook.cli.sending import generate
from ledgerbook.cli.streams import json_text, open_up
from ledgerbook.cli.telling import tell
from ledgerbook.cli.waiting import bar
from ledgerbook.disk.folder import Url
from ledgerbook.errors import LedgerbookError, reason


@click.group(cls=Group, invoke_without_command=True)
@click.option("--debug", is_flag=True, help="程序出错时显示技术细节，供维护人员查看。")
@click.version_option(message="ledgerbook %(version)s", help="显示版本号。")
@click.pass_context
def cli(context: click.Context, debug: bool) -> int:
    """政务公开重点任务台账：建台账、发表、收表汇总。

    一年的工作分三步：init 读分工方案建台账；generate 生成发给各科室的表；
    collect 把收回的表汇总成年度汇总。年底用 report 起草年度报告。
    想先看看效果，请运行 ledgerbook demo。

    在台账所在的文件夹里只写 ledgerbook，就告诉您进行到哪一步、下一步做什么。
    """
    if context.invoked_subcommand is None:
        return look(again)
    return CLEAN


@cli.command()
@click.argument("plan", type=PATH, metavar="分工方案")
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("台账.xlsx"),
    metavar="文件",
    help="台账存成哪个文件，不写就是“台账.xlsx”。",
)
@click.option(
    "--agency", default="", metavar="名称", help="机关名称；方案标题里有就不用写。"
)
@click.option(
    "--year", type=Year(), metavar="年份", help="年度；方案标题里有就不用写。"
)
@click.option(
    "--office", default="", metavar="科室", help="牵头汇总的科室，不写就是“综合科”。"
)
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="科室",
    help="方案没有点名、但也要填报的科室，可以写多次。",
)
@click.option(
    "--units-column",
    default="",
    metavar="列名",
    help="方案有几栏单位时，以哪一栏为责任单位；不写就由程序判断。",
)
@click.option(
    "--split-items", is_flag=True, help="一格里写了几条（1.…2.…）时，一条算一项任务。"
)
@click.option(
    "--update",
    is_flag=True,
    help="方案修订了：更新已有的台账（-o），保留行码、手工分工和期限。",
)
@click.option(
    "--same",
    type=Same(),
    multiple=True,
    metavar="序号=编码",
    help="更新时，新方案的这一项就是台账里的那一项，例如 12=T09。可写多次。",
)
@click.option(
    "--new",
    type=Number(),
    multiple=True,
    metavar="序号",
    help="更新时，新方案的这一项是新增的，不是台账里原有的。可写多次。",
)
@click.option(
    "--no-bat", is_flag=True, help="不在台账旁边放可以双击、拖放的 .bat 文件。"
)
@today
@click.option("--dry-run", is_flag=True, help="只看读出了什么，不写任何文件。")
def init(
    plan: Path,
    output: Path,
    same: tuple[tuple[int, str], ...],
    new: tuple[int, ...],
    *,
    update: bool,
    no_bat: bool,
    as_of: date,
    **options: Any,
) -> None:
    """读分工方案（.docx、.xlsx、.xls、.html、.csv 或 .txt），建立或更新台账。

    例：ledgerbook init 分工方案.docx -o 台账.xlsx

    方案修订了：ledgerbook init 修订后的方案.docx -o 台账.xlsx --update
    """
    from ledgerbook import jobs, preview

    width = _width()
    if not update:
        if same or new:
            raise click.UsageError("--same 和 --new 要与 --update 一起用")
        started = jobs.init(plan, output, **options)
        lines = preview.started_lines(started, width)
    else:
        from ledgerbook.book import Said

        said = Said(dict(same), new)
        done = jobs.update(plan, output, day=as_of, said=said, **options)
        lines = preview.updated_lines(done, width)
    for line in lines:
        click.echo(line)
    if not (update or no_bat or options["dry_run"]):
        tell_placed(output.parent)


def _width() -> int:
    """Return how many places the terminal has; a file or pipe has enough."""
    import shutil

    return shutil.get_terminal_size((_WIDE, 0)).columns


_WIDE = 120


cli.add_command(generate)


@cli.command()
@click.argument("book", type=PATH, metavar="台账")
@click.argument("returns", type=RETURNED, nargs=-1, required=True, metavar="报送表...")
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("汇总"),
    metavar="文件夹",
    help="汇总放进哪个文件夹，不写就是“汇总”。",
)
@passwords
@today
@prefer
@export
@click.option(
    "--scheduler",
    default="",
    metavar="地址",
    help="由 Dask 集群读表，例如 tcp://10.0.0.1:8786；报送表也可以是集群读得到的网址。",
)
@click.option("--dry-run", is_flag=True, help="只看结果，不写任何文件。")
@click.option(
    "--json", "as_json", is_flag=True, help="用 JSON 输出结果，供其他程序读取。"
)
def collect(
    book: Path,
    returns: tuple[Path | Url, ...],
    output: Path,
    *,
    as_json: bool,
    **options: Any,
) -> int:
    """把收回的表（文件或文件夹）汇总成年度汇总。

    例：ledgerbook collect 台账.xlsx 收回 -o 汇总

    没有问题时退出码为 0；有问题需要人处理时为 1；没能运行时为 2。
    """
    from ledgerbook import workshop

    workshop.clean_start(workshop.READING)
    from ledgerbook import jobs, report
    from ledgerbook.merging import evidence

    with bar("正在读报送表") as told:
        done = jobs.collect(book, returns, output, told=told, **options)
    if as_json:
        data = report.as_dict(done.ledger, done.outputs)
        click.echo(json_text(data))
    else:
        lines = report.sentences(done.ledger)
        tell(lines, done.outputs, dry_run=options["dry_run"])
        if done.pictures:
            folder = output / evidence.FOLDER
            click.echo(f"表上的图片 {len(done.pictures)} 张，存在：{folder}")
        for path in done.left:
            click.echo(
                f"提示：“{path}”已经有人打开保存过，没有更新。"
                "如果改好了，请把它放进报送表的文件夹再汇总；不要了，请移走。"
            )
    return PROBLEMS if done.ledger.needs_someone else CLEAN


cli.add_command(report)
cli.add_command(rollup)
cli.add_command(drop)


@cli.command()
@click.argument("files", type=PATH, nargs=-1, required=True, metavar="报送表...")
@click.option(
    "--book",
    "book_path",
    type=PATH,
    metavar="台账",
    help="按这本台账检查；不写就按表里自带的说明检查。",
)
@passwords
@today
def check(files: tuple[Path, ...], **options: Any) -> int:
    """报送之前先检查填好的表（文件或文件夹），不写任何文件。

    例：ledgerbook check 财务科.xlsx

    没有必须改的地方时退出码为 0；有时为 1；没能运行时为 2。
    """
    from ledgerbook import workshop

    workshop.clean_start(workshop.READING)
    from ledgerbook import jobs, report

    with bar("正在检查") as told:
        done = jobs.check(files, told=told, **options)
    for one in done:
        for line in report.check_sentences(one):
            click.echo(line)
    bad = any(problem.grave for one in done for problem in one.problems)
    return PROBLEMS if bad else CLEAN


@cli.command()
@click.argument("folder", type=PATH, default=Path("demo"), metavar="[文件夹]")
def demo(folder: Path) -> None:
    """用真实的 2022 年分工方案演示一遍全过程。

    例：ledgerbook demo 演示
    """
    from ledgerbook.demo import run

    for line in run(folder):
        click.echo(line)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 clean, 1 problems to settle, 2 could not run."""
    # A run makes very many small values that all live until its end; looking through
    # them for rings, as often as usual, takes a fifth of the time and finds none.
    gc.set_threshold(200_000, 20, 100)
    words = _debug_first(sys.argv[1:] if arguments is None else arguments)
    open_up()
    sys.exit(_run(words))


def _debug_first(words: Sequence[str]) -> list[str]:
    """Let --debug stand anywhere: who is asked to add it adds it at the end."""
    rest = [word for word in words if word != _DEBUG]
    return [_DEBUG, *rest] if len(rest) < len(words) else rest


_DEBUG = "--debug"


def _run(words: list[str]) -> int:
    try:
        code = cli.main(words, "ledgerbook", standalone_mode=False)
    except click.UsageError as error:
        click.echo(complaint(error), err=True)
    except LedgerbookError as error:
        click.echo(str(error), err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中止，没有写完的文件不会留下。", err=True)
    except Exception as error:  # noqa: BLE001  a clerk must never see a traceback
        if _DEBUG in words:
            import traceback

            traceback.print_exc()
        click.echo(_unforeseen(error), err=True)
    else:
        return code if isinstance(code, int) else CLEAN
    return COULD_NOT_RUN


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return (
            f"“{error.filename}”用不了（{reason(error)}），没有完成。"
            "请核对这个文件或文件夹后再运行一次。"
        )
    return (
        f"程序内部出错，没有完成（{type(error).__name__}）。原有文件没有改动。"
        "请在命令中加上 --debug 再运行一次，把显示的内容发给维护人员。"
    )
