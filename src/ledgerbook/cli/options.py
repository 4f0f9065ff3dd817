"""Define what several commands share: exit codes, parameter types and common options.

The functions ``*_option`` are decorators for the functions of commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from itertools import chain
from pathlib import Path
from typing import Any

import click

from ledgerbook.cli.i18n import DayParam, WordParam
from ledgerbook.storage.folders import Url, read_password_file

EXIT_CLEAN = 0
EXIT_PROBLEMS = 1
EXIT_COULD_NOT_RUN = 2

DEBUG_OPTION = "--debug"

# click must not check readability: the commands report it in Chinese.
PATH_PARAM = click.Path(path_type=Path, readable=False)


class ReturnPathParam(click.Path):
    """A file or folder, or a URL such as s3://bucket/folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and "://" in value:
            return Url(value)
        return super().convert(value, param, ctx)


RETURN_PATH_PARAM = ReturnPathParam(path_type=Path, readable=False)


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as-of, the day that stands in for today."""
    return click.option(
        "--as-of",
        type=DayParam(),
        default=date.today,
        show_default=False,
        metavar="日期",
        help="按哪一天判断逾期和临期，例如 2022-12-31；不写就是今天。",
    )(command)


def password_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --password, --password-file and --ask-password for encrypted returns.

    What is typed after --password stays in the history of the terminal and is seen in the
    list of processes; the other two keep a password out of both.
    """

    @wraps(command)
    def run_with_passwords(
        *args: Any,
        passwords: tuple[str, ...],
        password_files: tuple[Path, ...],
        ask_password: bool,
        **kwargs: Any,
    ) -> Any:
        passwords += tuple(chain.from_iterable(map(read_password_file, password_files)))
        if ask_password:
            passwords += (_prompt_password(),)
        return command(*args, passwords=passwords, **kwargs)

    for decorate in _PASSWORD_OPTIONS:
        run_with_passwords = decorate(run_with_passwords)
    return run_with_passwords


_PASSWORD_OPTIONS = (
    click.option("--ask-password", is_flag=True, help="运行时再问打开密码，输入时不显示。"),
    click.option(
        "--password-file",
        "password_files",
        type=PATH_PARAM,
        multiple=True,
        metavar="文件",
        help="打开密码写在这个文本文件里，一行一个；不留在命令记录里。可写多次。",
    ),
    click.option(
        "--password",
        "passwords",
        multiple=True,
        metavar="密码",
        help="报送表或压缩包的打开密码，可以写多次；不会写进任何结果，但会留在命令记录里。",
    ),
)


def _prompt_password() -> str:
    password: str = click.prompt("打开密码（输入时不显示）", hide_input=True, err=True)
    return password


def prefer_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --prefer, to be repeated, for files whose answers take precedence."""
    return click.option(
        "--prefer",
        multiple=True,
        metavar="文件",
        help="同一批次有几份不同的答复时，以这份文件为准；不写就以最后保存的为准。可写多次。",
    )(command)


def export_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --export, the format of the tables for programs."""
    return click.option(
        "--export",
        type=WordParam(("csv", "parquet")),
        default="",
        metavar="格式",
        help="把全部内容另存成 csv 或 parquet 数据表，供其他程序读取，不受 Excel 行数限制。",
    )(command)


def output_folder_option(
    default: str, purpose: str, end: str = "。"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option -o of a command that writes into a folder, ``default`` unless named."""
    return click.option(
        "-o",
        "--output",
        type=PATH_PARAM,
        default=Path(default),
        metavar="文件夹",
        help=f"{purpose}，不写就是“{default}”{end}",
    )


def personal_data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --with-personal-data: what leaves the office lacks personal data without it."""
    return click.option(
        "--with-personal-data",
        "personal_data",
        is_flag=True,
        help="结果里带上标为个人信息的栏目（“字段”表“个人信息”一列）；不写就不带。",
    )(command)


def is_debugging() -> bool:
    """Whether --debug was given."""
    return bool(click.get_current_context().find_root().params.get("debug"))


def invoke_command(arguments: Sequence[str]) -> int:
    """Run another command within this one, and return its exit code."""
    root = click.get_current_context().find_root()
    debug_arguments = [DEBUG_OPTION] if is_debugging() else []
    exit_code = root.command.main(
        [*debug_arguments, *arguments], "ledgerbook", standalone_mode=False
    )
    return exit_code if isinstance(exit_code, int) else EXIT_CLEAN
