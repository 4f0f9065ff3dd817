"""Translate click into plain Chinese: help pages, usage errors and parameter types."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

# Exception of click → message, formatted with the attributes of the exception.
_USAGE_MESSAGES: tuple[tuple[type[click.ClickException], str], ...] = (
    (click.NoSuchOption, "没有“{option_name}”这个选项"),
    (click.BadOptionUsage, "选项“{option_name}”后面要跟一个值"),
)


def describe_usage_error(error: click.UsageError) -> str:
    """Return a Chinese message for a usage error, with the command that shows the help."""
    command_path = error.ctx.command_path if error.ctx else "ledgerbook"
    return f"{_describe_error(error)}。用法请看：{command_path} --help"


def _describe_error(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter):
        return f"命令没有写完，还缺“{_name_parameter(error.param)}”"
    for error_type, template in _USAGE_MESSAGES:
        if isinstance(error, error_type):
            return template.format(**vars(error))
    if isinstance(error, click.BadParameter):
        return f"“{_name_parameter(error.param)}”的写法不对：{error.message}"
    return error.message if _is_chinese(error.message) else "命令的写法不对"


def _name_parameter(param: click.Parameter | None) -> str:
    """Return a parameter's name as in the help: --as-of for an option, 台账 for an argument."""
    if isinstance(param, click.Option):
        return param.opts[-1]
    return param.make_metavar(click.Context(Command(""))) if param else ""


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


_USAGE_WORDS = (
    ("[OPTIONS]", "[选项]"),
    ("[COMMAND] [ARGS]", "[命令] [参数]"),
    ("COMMAND [ARGS]", "命令 [参数]"),
)


class Command(click.Command):
    """A command with a Chinese help page."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示这份说明。"
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and reject extra arguments with a Chinese message instead of click's."""
        is_strict, ctx.allow_extra_args = not ctx.allow_extra_args, True
        extra_args = super().parse_args(ctx, args)
        if is_strict and extra_args and not ctx.resilient_parsing:
            raise click.UsageError(f"多写了“{'”“'.join(extra_args)}”", ctx)
        return extra_args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        for english, chinese in _USAGE_WORDS:
            pieces = pieces.replace(english, chinese)
        formatter.write_usage(ctx.command_path, pieces, prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [option.get_help_record(ctx) for option in options]
        lines = [record for record in records if record]
        if lines:
            with formatter.section("选项"):
                formatter.write_dl(lines)


class Group(Command, click.Group):
    """The group of all commands, listed in the order of the year's work."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        lines = [
            (name, command.get_short_help_str(limit=70))
            for name, command in self.commands.items()
            if not command.hidden
        ]
        with formatter.section("命令"):
            formatter.write_dl(lines)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            command_names = "、".join(
                command_name
                for command_name, command in self.commands.items()
                if not command.hidden
            )
            raise click.UsageError(f"没有“{args[0]}”这个命令，可用的有：{command_names}", ctx)
        return super().resolve_command(ctx, args)


# A date without a year is not the same day in both; both have a 29 February.
_LEAP_YEARS = (2000, 2004)
# Nothing that a book has is due later.
_MAX_DAY_COUNT = 9999


class DayParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A date in any way in which a cell of a return may have it, with its year."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        from ledgerbook.intake.parse import parse_date_text

        day, other_day = (parse_date_text(value, year) for year in _LEAP_YEARS)
        if day and day == other_day:
            return day
        return self.fail(
            f"“{value}”不是能确定的日期，请写出年月日，像 2022-12-31 或 2022年12月31日", param, ctx
        )


class TaskMatchParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number in the new plan and a code of the book, such as 12=T09."""

    name = "序号=编码"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        if isinstance(value, tuple):
            return value
        number, _, code = str(value).partition("=")
        if number.strip().isdecimal() and code.strip():
            return int(number), code.strip().upper()
        return self.fail(f"“{value}”看不懂，请写成 12=T09 的样子", param, ctx)


class TaskNumberParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """The number of an item of the plan, such as 12."""

    name = "序号"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).isdecimal():
            return int(value)
        return self.fail(f"“{value}”不是序号，请写成 12 的样子", param, ctx)


class DayCountParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number of days such as 15."""

    name = "天数"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).isdecimal() and int(value) <= _MAX_DAY_COUNT:
            return int(value)
        return self.fail(f"“{value}”不是天数，请写成 15 的样子，最多 {_MAX_DAY_COUNT}", param, ctx)


class WordParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """One of a fixed set of words, in any case; blank is allowed."""

    name = "格式"

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        word = str(value).lower()
        if word in ("", *self._words):
            return word
        allowed = " 或 ".join(self._words)
        return self.fail(f"“{value}”不能用，请写 {allowed}", param, ctx)


class YearParam(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A year from 2000 to 2100."""

    name = "年份"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if str(value).isdecimal() and 2000 <= int(value) <= 2100:  # noqa: PLR2004
            return int(value)
        return self.fail(f"“{value}”不是年份，请写成 2022 的样子", param, ctx)
