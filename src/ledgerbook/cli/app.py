"""Define the commands of ``ledgerbook``: parse options, call one function, print the result.

The docstring of a command is its Chinese help text. :func:`main` is the entry point; it
turns exceptions into messages and exit codes.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledgerbook import __version__
from ledgerbook.cli.console import (
    configure_streams,
    echo,
    format_json,
    log_to_stderr,
    print_faults,
    print_result,
    show_progress,
    tell_when_slow,
)
from ledgerbook.cli.i18n import (
    DayCountParam,
    Group,
    TaskMatchParam,
    TaskNumberParam,
    WordParam,
    YearParam,
    describe_usage_error,
)
from ledgerbook.cli.options import (
    DEBUG_OPTION,
    EXIT_CLEAN,
    EXIT_COULD_NOT_RUN,
    EXIT_PROBLEMS,
    PATH_PARAM,
    RETURN_PATH_PARAM,
    as_of_option,
    export_option,
    invoke_command,
    is_debugging,
    output_folder_option,
    password_option,
    personal_data_option,
    prefer_option,
)
from ledgerbook.cli.workspace_status import show_status
from ledgerbook.errors import FileError, LedgerbookError, ProgramFaultError, describe_os_error
from ledgerbook.model.messages import INSTALLER
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import Url
from ledgerbook.storage.launchers import (
    FOLDER_VARIABLE,
    LAUNCHER_JOBS,
    LINE_VARIABLE,
    SCRIPT_VARIABLE,
    parse_dropped_names,
)
from ledgerbook.text import make_single_line

if TYPE_CHECKING:
    from ledgerbook.commands import GenerateResult


_logger = logging.getLogger(__name__)

# How many files a message about a fault names.
_MAX_NAMED_FILES = 5
# Width in columns where there is no terminal.
_DEFAULT_WIDTH = 120


@click.group(cls=Group, invoke_without_command=True)
@click.option(DEBUG_OPTION, is_flag=True, help="程序出错时显示技术细节，供装本工具的人查看。")
@click.version_option(__version__, message="ledgerbook %(version)s", help="显示版本号。")
@click.pass_context
def cli(context: click.Context, debug: bool) -> int:
    """政务公开重点任务台账：建台账、发表、收表汇总。

    一年的工作分三步：init 读分工方案建台账；generate 生成发给各科室的表；
    collect 把收回的表汇总成年度汇总。用 remind 催办，年底用 report 起草年度报告。
    想先看看效果，请运行 ledgerbook demo。

    在台账所在的文件夹里只写 ledgerbook，就告诉您进行到哪一步、下一步做什么。
    """
    if debug:
        log_to_stderr(context)
        _logger.info("ledgerbook %s, command %s", _get_versions(), context.invoked_subcommand)
    if context.invoked_subcommand is None:
        return show_status(invoke_command)
    return EXIT_CLEAN


@cli.command()
@click.argument("plan", type=PATH_PARAM, metavar="分工方案")
@click.option(
    "-o",
    "--output",
    type=PATH_PARAM,
    default=Path("台账.xlsx"),
    metavar="文件",
    help="台账存成哪个文件，不写就是“台账.xlsx”。",
)
@click.option("--agency", default="", metavar="名称", help="机关名称；方案标题里有就不用写。")
@click.option("--year", type=YearParam(), metavar="年份", help="年度；方案标题里有就不用写。")
@click.option("--office", default="", metavar="科室", help="牵头汇总的科室，不写就是“综合科”。")
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
@click.option("--split-items", is_flag=True, help="一格里写了几条（1.…2.…）时，一条算一项任务。")
@click.option(
    "--kind",
    default="",
    metavar="种类",
    help="方案是哪一种：政务公开、整改、政府工作报告、民生实事、督办、其他；不写就看标题。"
    "决定台账叫什么、栏目和状态怎么写。",
)
@click.option(
    "--update",
    is_flag=True,
    help="方案修订了：更新已有的台账（-o），保留行码、手工分工和期限。",
)
@click.option(
    "--same",
    type=TaskMatchParam(),
    multiple=True,
    metavar="序号=编码",
    help="更新时，新方案的这一项就是台账里的那一项，例如 12=T09。可写多次。",
)
@click.option(
    "--new",
    type=TaskNumberParam(),
    multiple=True,
    metavar="序号",
    help="更新时，新方案的这一项是新增的，不是台账里原有的。可写多次。",
)
@click.option("--no-bat", is_flag=True, help="不在台账旁边放可以双击、拖放的 .bat 文件。")
@as_of_option
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
    """读分工方案（Word、WPS、PDF、Excel 文件，网页或文本），建立或更新台账。

    例：ledgerbook init 分工方案.docx -o 台账.xlsx

    方案修订了：ledgerbook init 修订后的方案.docx -o 台账.xlsx --update
    """
    from ledgerbook import commands
    from ledgerbook.cli import render_plan

    width = _get_terminal_width()
    if not update:
        if same or new:
            raise click.UsageError("--same 和 --new 要与 --update 一起用")
        with tell_when_slow(f"正在读分工方案“{plan.name}”、建台账，请稍候……"):
            init_result = commands.init(plan, output, **options)
        lines = render_plan.describe_new_book(init_result, width)
    else:
        from ledgerbook.book import MatchOverrides

        if options.pop("kind"):
            raise click.UsageError(
                "--kind 只在新建台账时用；以后在台账的“基本信息”“字段”“选项”里改"
            )
        overrides = MatchOverrides(dict(same), new)
        with tell_when_slow(f"正在读分工方案“{plan.name}”、更新台账，请稍候……"):
            update_result = commands.update(plan, output, day=as_of, overrides=overrides, **options)
        lines = render_plan.describe_update(update_result, width)
    for line in lines:
        echo(line)
    if not (update or no_bat or options["dry_run"]):
        _install_launchers(output.parent)


def _get_versions() -> str:
    """Return the versions of the program, of Python and of the system."""
    from ledgerbook.commands.diagnose import describe_versions

    versions = describe_versions()
    return f"{versions['ledgerbook']}, Python {versions['python']}, {versions['system']}"


def _get_terminal_width() -> int:
    """Return the width of the terminal in columns."""
    import shutil

    return shutil.get_terminal_size((_DEFAULT_WIDTH, 0)).columns


def _install_launchers(folder: Path) -> None:
    """Place the batch files beside a new book; report a failure, but do not fail."""
    from ledgerbook import commands

    try:
        placement = commands.place_launchers(folder)
    except FileError as error:
        echo(f"提示：台账旁边的 .bat 文件没有放好，不影响使用。{error.command_line_text}")
        return
    names = "、".join(path.stem for path in placement.installed)
    if names:
        echo(f"旁边放了几个 .bat 文件，Windows 上可以双击，也可以把表拖上去：{names}")
    for path in placement.edited:
        echo(f"提示：“{path}”已经有人改过，没有更新。")


@cli.command()
@click.argument("book", type=PATH_PARAM, metavar="台账")
@click.option(
    "--round",
    "round_name",
    default="",
    metavar="批次",
    help="生成哪个批次的表，不写就是上次发的那个，没有发过就是第一个。",
)
@output_folder_option("发出", "表放进哪个文件夹")
@click.option(
    "--from",
    "earlier",
    type=PATH_PARAM,
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
    type=PATH_PARAM,
    metavar="模板",
    help="填报通知用本单位自己的 .docx 模板；不写就按公文格式排。",
)
@personal_data_option
@password_option
@as_of_option
def generate(book: Path, output: Path, as_of: date, **options: Any) -> None:
    """生成总台账、发给各科室的表、签发清单和填报通知。

    例：ledgerbook generate 台账.xlsx --round 年度 -o 发出

    连邮件草稿一起生成：ledgerbook generate 台账.xlsx --eml
    """
    from ledgerbook import parallel

    # The same worker processes write the workbooks and read the earlier returns.
    parallel.make_process_context(parallel.PIPELINE_MODULE)
    from ledgerbook import commands

    with show_progress("正在生成") as on_progress:
        result = commands.generate(
            book, output, issued_on=as_of, on_progress=on_progress, **options
        )
    echo(f"批次“{result.round.name}”的表已生成，共 {len(result.files)} 个文件：")
    for path in result.files:
        echo(f"  {path}")
    if result.round.due is None:
        echo("提示：台账“批次”表没有填报送截止日期，表上写的是“另行通知”。")
    elif result.round.due < as_of:
        echo(
            f"提示：“{result.round.name}”的报送截止日期 {result.round.due} 在生成日期"
            f" {as_of} 以前，已经过了。请核对台账“批次”表；要改的，改好再生成一次。"
        )
    if result.idle_sections:
        echo(f"提示：{'、'.join(result.idle_sections)}没有任务，没有生成表。")
    if result.unassigned_numbers:
        numbers = "、".join(map(str, result.unassigned_numbers))
        echo(f"提示：第 {numbers} 项没有责任科室，请在台账“分工”表中指定。")
    _print_draft_notices(result)


def _print_draft_notices(result: GenerateResult) -> None:
    """Print what to know about the mail drafts and the cover note."""
    if result.withheld_sections:
        echo(
            f"提示：{'、'.join(result.withheld_sections)}的登记簿里带着以前登记的个人信息，"
            "没有写邮件草稿，表请走内网送去；可以用邮件发的，加上 --with-personal-data 再运行一次。"
        )
    if result.unaddressed_sections:
        names = "、".join(result.unaddressed_sections)
        echo(f"提示：{names}在台账“科室”表中没有填电子邮箱，邮件草稿的收件人空着，请在发送前补上。")
    for path in result.edited_notices:
        echo(f"提示：“{path}”已经有人改过，没有更新。要重新生成，请先把它移走再运行。")
    if result.removed_drafts:
        echo(
            f"提示：以前的 {len(result.removed_drafts)} 封邮件草稿附的是旧表，已经删去。"
            "需要的话，请加上 --eml 再运行一次。"
        )


@cli.command()
@click.argument("book", type=PATH_PARAM, metavar="台账")
@click.argument("returns", type=RETURN_PATH_PARAM, nargs=-1, required=True, metavar="报送表...")
@output_folder_option("汇总", "汇总放进哪个文件夹")
@password_option
@as_of_option
@prefer_option
@export_option
@click.option(
    "--for-upload",
    is_flag=True,
    help="另写一份上报汇总：和年度汇总一样，只是不列出个人信息。写过一次，以后每次都更新。",
)
@personal_data_option
@click.option(
    "--scheduler",
    default="",
    metavar="地址",
    help="由 Dask 集群读表，例如 tls://10.0.0.1:8786；报送表也可以是集群读得到的网址。",
)
@click.option(
    "--insecure-scheduler",
    is_flag=True,
    help="集群不加密（不是 tls://）也用；只能用在外人进不来的网络里。",
)
@click.option("--dry-run", is_flag=True, help="只看结果，不写任何文件。")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出结果，供其他程序读取。")
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
    from ledgerbook import parallel

    parallel.make_process_context(parallel.PIPELINE_MODULE)
    from ledgerbook import commands
    from ledgerbook.cli import json_data, render
    from ledgerbook.merge import attachments

    with show_progress("正在读报送表") as on_progress:
        result = commands.collect(book, returns, output, on_progress=on_progress, **options)
    print_faults(result.ledger.file_reports, is_debugging=is_debugging())
    if as_json:
        is_full = bool(options["personal_data"])
        click.echo(format_json(json_data.build_collect_data(result, personal_data=is_full)))
    else:
        lines = render.describe_ledger(result.ledger)
        print_result(lines, result.outputs, dry_run=options["dry_run"])
        if result.pictures:
            folder = output / attachments.ATTACHMENT_FOLDER
            echo(f"表上的图片 {len(result.pictures)} 张，存在：{folder}")
        for line in render.describe_office_texts(result, book.name):
            echo(line)
        if result.edited_upload:
            echo(f"提示：原来的上报汇总有人打开保存过，留存在：{result.edited_upload}")
        for path in result.edited_corrections:
            echo(
                f"提示：“{path}”已经有人打开保存过，没有更新。"
                "如果改好了，请把它放进报送表的文件夹再汇总；不要了，请移走。"
            )
    needs_attention = result.ledger.needs_attention or result.unreadable_summary
    return EXIT_PROBLEMS if needs_attention else EXIT_CLEAN


@cli.command()
@click.argument("book", type=PATH_PARAM, metavar="台账")
@click.argument("returns", type=PATH_PARAM, nargs=-1, required=True, metavar="报送表...")
@output_folder_option("催办", "催办通知放进哪个文件夹", "；里面按日期再分文件夹。")
@click.option(
    "--within",
    type=DayCountParam(),
    default=DUE_SOON_DAYS,
    show_default=False,
    metavar="天数",
    help=f"几天以内到期的也写进去，不写就是 {DUE_SOON_DAYS} 天。",
)
@click.option(
    "--template",
    type=PATH_PARAM,
    metavar="模板",
    help="催办通知用本单位自己的 .docx 模板；不写就按公文格式排。",
)
@prefer_option
@personal_data_option
@password_option
@as_of_option
@click.option("--dry-run", is_flag=True, help="只看要催谁，不写任何文件，也不记催办记录。")
def remind(book: Path, returns: tuple[Path, ...], output: Path, **options: Any) -> None:
    """给没办完的科室各写一份催办通知和一封邮件草稿，另写一份催办清单、一页通报。

    例：ledgerbook remind 台账.xlsx 收回 -o 催办

    没有报送、逾期、快到期、需要改正、超过法定期限的都写进去；催过几次记在台账“催办记录”里。
    """
    from ledgerbook import parallel

    parallel.make_process_context(parallel.PIPELINE_MODULE)
    from ledgerbook import commands
    from ledgerbook.cli import render

    with show_progress("正在读报送表") as on_progress:
        result = commands.remind(book, returns, output, on_progress=on_progress, **options)
    print_faults(result.ledger.file_reports, is_debugging=is_debugging())
    print_result(render.describe_reminders(result, book.name), (), dry_run=options["dry_run"])


@cli.command()
@click.argument("book", type=PATH_PARAM, metavar="台账")
@click.argument("returns", type=PATH_PARAM, nargs=-1, required=True, metavar="报送表...")
@click.option(
    "-o",
    "--output",
    type=PATH_PARAM,
    metavar="文件",
    help="初稿存成哪个文件，不写就是“<年度>年报初稿.docx”。",
)
@click.option(
    "--summary",
    type=PATH_PARAM,
    metavar="年度汇总",
    help="您在“采用口径”里写过话的年度汇总；写了口径的，用口径代替科室原话。",
)
@click.option(
    "--template",
    type=PATH_PARAM,
    metavar="模板",
    help="本单位自己的 .docx 模板；不写就按公文格式排。",
)
@click.option("--overwrite", is_flag=True, help="初稿已经存在时也覆盖；里面改过的文字就没有了。")
@prefer_option
@password_option
@as_of_option
def report(book: Path, returns: tuple[Path, ...], output: Path | None, **options: Any) -> int:
    """起草政府信息公开工作年度报告（Word 初稿）。

    例：ledgerbook report 台账.xlsx 收回 -o 年报初稿.docx

    采用汇总里写好的口径：再加上 --summary 汇总/2022年度汇总.xlsx

    没有必须处理的事项时退出码为 0；有时为 1；没能运行时为 2。
    """
    from ledgerbook import commands
    from ledgerbook.annual_report import describe_draft

    result = commands.write_report(book, returns, output, **options)
    print_faults(result.ledger.file_reports, is_debugging=is_debugging())
    print_result(describe_draft(result.draft), [result.path])
    return EXIT_PROBLEMS if result.draft.has_errors else EXIT_CLEAN


@cli.command()
@click.argument("summaries", type=PATH_PARAM, nargs=-1, required=True, metavar="年度汇总...")
@output_folder_option("上级汇总", "结果放进哪个文件夹")
@click.option(
    "--name",
    default="",
    metavar="名称",
    help="这一级叫什么，例如“中山市”；再往上汇总时，单位写成“中山市/金融工作局”。",
)
@click.option(
    "--year",
    type=YearParam(),
    metavar="年份",
    help="汇总哪一年；不写就是多数文件的那一年，别的年度列入问题清单。",
)
@click.option(
    "--expect",
    type=PATH_PARAM,
    metavar="名单",
    help="应报单位名单（文本一行一个，或 Excel 表一列），据以列出谁没有报。",
)
@export_option
@personal_data_option
@password_option
@as_of_option
@click.option("--dry-run", is_flag=True, help="只看结果，不写任何文件。")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出结果，供其他程序读取。")
def rollup(summaries: tuple[Path, ...], output: Path, *, as_json: bool, **options: Any) -> int:
    """把各单位的年度汇总（文件或文件夹）并成上一级的汇总。

    例：ledgerbook rollup 各局汇总 --name 中山市 --expect 名单.txt -o 上级汇总

    各县区并好的汇总可以再往上并一级。没有问题时退出码为 0；有问题需要人处理时为 1；
    没能运行时为 2。
    """
    from ledgerbook import commands
    from ledgerbook.cli import json_data, render
    from ledgerbook.storage.file_names import is_kept_copy

    result = commands.roll_up(summaries, output, **options)
    print_faults(result.rollup.files, is_debugging=is_debugging())
    if as_json:
        data = json_data.build_rollup_data(result.rollup, result.outputs)
        click.echo(format_json(data))
    else:
        lines = (
            *render.describe_rollup(result.rollup),
            *render.describe_passed_over(
                [report.name for report in result.rollup.files if is_kept_copy(report.name)]
            ),
        )
        print_result(lines, result.outputs, dry_run=options["dry_run"])
        if result.edited_rollup:
            echo(f"提示：原来的合并汇总有人打开保存过，留存在：{result.edited_rollup}")
    return EXIT_PROBLEMS if result.rollup.needs_attention else EXIT_CLEAN


@cli.command(hidden=True)
@click.argument("job", type=WordParam(tuple(LAUNCHER_JOBS.values())), metavar="做什么")
@click.argument("dropped", type=PATH_PARAM, nargs=-1, metavar="[文件...]")
@click.option(
    "--folder",
    type=PATH_PARAM,
    default=Path(),
    envvar=FOLDER_VARIABLE,
    metavar="文件夹",
)
@click.option("--line", default="", envvar=LINE_VARIABLE, metavar="命令行")
@click.option("--script", default="", envvar=SCRIPT_VARIABLE, metavar="文件")
def drop(job: str, dropped: tuple[Path, ...], folder: Path, line: str, script: str) -> int:
    """由台账旁边的 .bat 文件调用：拖上去的文件怎么处理。

    例：ledgerbook drop collect 收回的表.xlsx
    """
    from ledgerbook import commands

    if job == "look":
        os.chdir(folder)
        return show_status(invoke_command)
    named_files = tuple(Path(name) for name in parse_dropped_names(line, script))
    # Names taken from the raw command line count only if all are files; the arguments
    # that cmd.exe has split are the fallback.
    files = named_files if named_files and all(path.exists() for path in named_files) else dropped
    today = date.today()  # noqa: DTZ011  the office's own day
    drop_command = commands.build_drop_command(job, files, folder, today)
    for path in drop_command.copied:
        echo(f"已放进“{path.parent.name}”文件夹：{path.name}")
    if drop_command.note:
        echo(drop_command.note)
    return invoke_command(drop_command.arguments)


@cli.command()
@click.argument("files", type=PATH_PARAM, nargs=-1, required=True, metavar="报送表...")
@click.option(
    "--book",
    "book_path",
    type=PATH_PARAM,
    metavar="台账",
    help="按这本台账检查；不写就按表里自带的说明检查。",
)
@password_option
@as_of_option
def check(files: tuple[Path, ...], **options: Any) -> int:
    """报送之前先检查填好的表（文件或文件夹），不写任何文件。

    例：ledgerbook check 财务科.xlsx

    没有必须改的地方时退出码为 0；有时为 1；没能运行时为 2。
    """
    from ledgerbook import parallel

    parallel.make_process_context(parallel.PIPELINE_MODULE)
    from ledgerbook import commands
    from ledgerbook.cli import render

    with show_progress("正在检查") as on_progress:
        results = commands.check(files, on_progress=on_progress, **options)
    print_faults([result.report for result in results], is_debugging=is_debugging())
    for result in results:
        for line in render.describe_check(result):
            echo(line)
    has_errors = any(problem.is_error for result in results for problem in result.problems)
    return EXIT_PROBLEMS if has_errors else EXIT_CLEAN


@cli.command()
@click.argument("paths", type=PATH_PARAM, nargs=-1, required=True, metavar="文件...")
@click.option(
    "-o",
    "--output",
    type=PATH_PARAM,
    default=Path("诊断.zip"),
    metavar="文件",
    help="诊断信息存成哪个文件，不写就是“诊断.zip”。",
)
@password_option
@as_of_option
def diagnose(paths: tuple[Path, ...], output: Path, **options: Any) -> None:
    """程序出错时，把诊断信息写进“诊断.zip”，发给给您装本工具的人（本单位的电脑维护人员）。

    例：ledgerbook diagnose 台账.xlsx 收回

    里面没有表里的文字、各种名字、密钥和密码，只有版本、程序出错的位置和表格的构造。
    """
    from ledgerbook import parallel

    parallel.make_process_context(parallel.PIPELINE_MODULE)
    from ledgerbook import commands

    with show_progress("正在诊断") as on_progress:
        result = commands.diagnose(paths, output, on_progress=on_progress, **options)
    if is_debugging():
        for fault in result.faults:
            echo(fault.traceback, err=True)
    found = f"程序有 {len(result.faults)} 处出错" if result.faults else "没有发现程序出错"
    echo(f"读了 {result.file_count} 个文件，{found}。")
    advice = (
        f"请发给{INSTALLER}"
        if result.faults
        else f"没有发现程序出错，一般不用发；{INSTALLER}要的时候再发"
    )
    echo(
        f"诊断信息写在：{os.path.abspath(result.path)}。"  # noqa: PTH100  resolve follows links
        f"里面没有表里的文字、名字、密钥和密码。{advice}。"
    )
    numbers_text = "、".join(
        f"{number} {make_single_line(name)}" for number, name in enumerate(result.file_names, 1)
    )
    echo(f"编号对照（只在屏幕上）：{numbers_text}。")


@cli.command()
@click.argument("folder", type=PATH_PARAM, default=Path("demo"), metavar="[文件夹]")
def demo(folder: Path) -> None:
    """用真实的 2022 年分工方案演示一遍全过程。

    例：ledgerbook demo 演示
    """
    from ledgerbook.cli.demo import run_demo

    for line in run_demo(folder):
        echo(line)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with 0 (no problems), 1 (problems) or 2 (not run).

    ``arguments`` are those of the process unless given.
    """
    # A run creates very many small objects that live until its end. With the default
    # thresholds the cyclic garbage collector takes a fifth of the time for nothing.
    gc.set_threshold(200_000, 20, 100)
    # What openpyxl leaves out of a workbook it says in English; nothing depends on it here.
    warnings.filterwarnings("ignore", module="openpyxl")
    ordered_arguments = _move_debug_first(sys.argv[1:] if arguments is None else arguments)
    configure_streams()
    sys.exit(_run_command(ordered_arguments))


def _move_debug_first(arguments: Sequence[str]) -> list[str]:
    """Move --debug to the front, where click expects an option of the group.

    A clerk who is asked to add it types it at the end.
    """
    other_arguments = [argument for argument in arguments if argument != DEBUG_OPTION]
    return (
        [DEBUG_OPTION, *other_arguments]
        if len(other_arguments) < len(arguments)
        else other_arguments
    )


def _run_command(arguments: list[str]) -> int:
    """Run a command and return its exit code; exceptions are printed as messages."""
    try:
        exit_code = cli.main(arguments, "ledgerbook", standalone_mode=False)
    except click.UsageError as error:
        echo(describe_usage_error(error), err=True)
    except LedgerbookError as error:
        if isinstance(error, ProgramFaultError) and DEBUG_OPTION in arguments:
            for fault in error.faults:
                echo(fault.traceback, err=True)
        echo(error.command_line_text, err=True)
    except (click.Abort, KeyboardInterrupt):
        echo("已中止，没有写完的文件不会留下。", err=True)
    except Exception as error:  # noqa: BLE001  a clerk must never see a traceback
        if DEBUG_OPTION in arguments:
            import traceback

            traceback.print_exc()
        echo(_describe_unexpected_error(error, arguments), err=True)
    else:
        return exit_code if isinstance(exit_code, int) else EXIT_CLEAN
    return EXIT_COULD_NOT_RUN


def _describe_unexpected_error(error: Exception, arguments: Sequence[str]) -> str:
    """Return a Chinese message for an exception that is not one of ours.

    What is known of a fault of the program is written into 诊断.zip, if that is possible.
    """
    if isinstance(error, OSError) and error.filename:
        return (
            f"“{error.filename}”用不了（{describe_os_error(error)}），没有完成。"
            "请核对这个文件或文件夹后再运行一次。"
        )
    headline = f"程序内部出错，没有完成（{type(error).__name__}）。{_describe_written_files()}"
    try:
        path = _write_crash(error, arguments)
    except Exception:  # noqa: BLE001  the first error is the one to tell
        return f"{headline}请在命令中加上 --debug 再运行一次，把显示的内容发给{INSTALLER}。"
    return (
        f"{headline}诊断信息写在：{path}。里面没有表里的文字、名字、密钥和密码，请发给{INSTALLER}。"
    )


def _describe_written_files() -> str:
    """Return in Chinese which files this run has written, so that nobody relies on a half."""
    written = atomic.list_written_files()
    if not written:
        return "原有文件没有改动。"
    names = "、".join(map(str, written[:_MAX_NAMED_FILES]))
    more = f" 等 {len(written)} 个" if len(written) > _MAX_NAMED_FILES else ""
    return f"出错以前已经写好的文件：{names}{more}，可能还不全；别的文件没有改动。"


def _write_crash(error: Exception, arguments: Sequence[str]) -> str:
    """Write 诊断.zip beside the batch file that was used, or here; return its full path."""
    from ledgerbook import commands

    folder = Path(os.environ.get(FOLDER_VARIABLE) or ".")
    words = [argument for argument in arguments if argument != DEBUG_OPTION]
    known_words = {
        word
        for name, command in cli.commands.items()
        for word in (name, *(option for param in command.params for option in param.opts))
    }
    return os.path.abspath(  # noqa: PTH100  resolve follows links
        commands.write_crash(error, words, known_words, folder)
    )
