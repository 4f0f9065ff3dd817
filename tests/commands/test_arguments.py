"""The arguments of the public functions: right types are converted, wrong ones refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ledgerbook
from ledgerbook.book import build_book_bytes
from ledgerbook.commands import arguments
from ledgerbook.storage.folders import Url
from tests.support.books import make_book

DAY = date(2022, 12, 1)


class Located(os.PathLike[str]):
    """A path that is no pathlib.Path, as of other libraries."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __fspath__(self) -> str:
        return self._text


@pytest.mark.parametrize("one", ["收回", Path("收回"), Located("收回")])
def test_one_path_is_one_path(one: arguments.StrPath) -> None:
    """A str is not taken apart into characters, whether it comes alone or with others."""
    assert arguments.to_path("output", one) == Path("收回")
    assert arguments.to_paths("returns", one) == (Path("收回"),)
    assert arguments.to_paths("returns", [one, one]) == (Path("收回"), Path("收回"))
    assert arguments.to_paths("returns", (path for path in [one])) == (Path("收回"),)
    assert arguments.to_path_texts("prefer", one) == ("收回",)
    assert arguments.to_locations("returns", [one]) == (Path("收回"),)


def test_a_text_with_a_scheme_is_a_url() -> None:
    """As on the command line."""
    both = arguments.to_locations("returns", ["s3://a/b", Url("s3://a/c"), "a/b"])
    assert both == (Url("s3://a/b"), Url("s3://a/c"), Path("a/b"))


def test_a_single_text_is_one_text() -> None:
    assert arguments.to_texts("passwords", "abc") == ("abc",)
    assert arguments.to_texts("passwords", ["abc", "d"]) == ("abc", "d")


@pytest.mark.parametrize(
    "moment",
    [
        DAY,
        datetime(2022, 12, 1, 23, 59, tzinfo=UTC),
        pd.Timestamp(2022, 12, 1, 8),
        pd.Timestamp("2022-12-01T23:30", tz="Asia/Shanghai"),
    ],
)
def test_days_are_plain_dates(moment: date) -> None:
    """A point in time counts as its day in its own time zone."""
    day = arguments.to_day("as_of", moment)
    assert (type(day), day) == (date, DAY)


def test_whole_numbers_of_numpy_are_taken() -> None:
    year = arguments.to_optional_number("year", np.int64(2022))
    assert (type(year), year) == (int, 2022)


# --- wrong types, at each function ---


PATH = "a str or os.PathLike[str]"
MANY = "one value or an iterable of values"
A_DAY = "a datetime.date or datetime.datetime"
# Right arguments of each function, by name, whose files there are not.
CALLS: Mapping[Callable[..., object], Mapping[str, Any]] = {
    ledgerbook.init: {"plan": "方案.docx", "output": "新.xlsx"},
    ledgerbook.update: {"plan": "方案.docx", "book_path": "账.xlsx", "day": DAY},
    ledgerbook.generate: {"book_path": "账.xlsx", "output": "发出", "issued_on": DAY},
    ledgerbook.check: {"files": "收回", "as_of": DAY},
    ledgerbook.collect: {
        "book_path": "账.xlsx",
        "returns": "收回",
        "output": "汇总",
        "as_of": DAY,
    },
    ledgerbook.write_report: {"book_path": "账.xlsx", "returns": "收回", "as_of": DAY},
    ledgerbook.roll_up: {"summaries": "各局", "output": "上级", "as_of": DAY},
    ledgerbook.read_workspace: {"book_path": "账.xlsx"},
    ledgerbook.run_demo: {"folder": "演示"},
    ledgerbook.diagnose: {"paths": "收回", "as_of": DAY},
}
PATHS = ("plan", "output", "book_path", "notice", "summary", "template", "expect", "folder")
SEVERAL_PATHS = ("paths", "returns", "files", "earlier", "summaries", "prefer")
DAYS = ("day", "issued_on", "as_of")
FLAGS = (
    *("split_items", "dry_run", "eml", "overwrite", "for_upload", "personal_data"),
    "insecure_scheduler",
)
TEXTS = (
    *("agency", "office", "key", "units_column", "kind", "round_name", "export", "scheduler"),
    "name",
)
SEVERAL_TEXTS = ("sections", "passwords")
# Names of arguments → wrong values: what came, as the message says it, after what was expected.
WRONG: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    (PATHS, 3, f"{{}} must be {PATH}, not int"),
    (PATHS, b"a", f"{{}} must be {PATH}, not bytes"),
    (PATHS, ["a"], f"{{}} must be {PATH}, not list"),
    (SEVERAL_PATHS, None, f"{{}} must be {MANY}, not NoneType"),
    (SEVERAL_PATHS, b"ab", f"{{}} must be {MANY}, not bytes"),
    (SEVERAL_PATHS, ["a", 3], f"{{}}[1] must be {PATH}, not int"),
    (SEVERAL_PATHS, [["a"]], f"{{}}[0] must be {PATH}, not list"),
    (DAYS, "2022-12-01", f"{{}} must be {A_DAY}, not str"),
    (DAYS, None, f"{{}} must be {A_DAY}, not NoneType"),
    (DAYS, pd.NaT, f"{{}} must be {A_DAY}, not NaTType"),
    (DAYS, np.datetime64("2022-12-01"), f"{{}} must be {A_DAY}, not datetime64"),
    (FLAGS, "no", "{} must be of type bool, not str"),
    (FLAGS, 1, "{} must be of type bool, not int"),
    (TEXTS, None, "{} must be of type str, not NoneType"),
    (TEXTS, Path("a"), "{} must be of type str, not PosixPath"),
    (SEVERAL_TEXTS, 5, f"{{}} must be {MANY}, not int"),
    (SEVERAL_TEXTS, ["a", None], "{}[1] must be of type str, not NoneType"),
    (("year",), "2022", "{} must be an int or None, not str"),
    (("year",), True, "{} must be an int or None, not bool"),
    (("on_progress",), 3, "{} must be callable, not int"),
    (("overrides",), {1: "T01"}, "{} must be of type MatchOverrides, not dict"),
    (
        ("overrides",),
        ledgerbook.MatchOverrides({"1": "T01"}),
        "a key of {}.codes_by_number must be of type int, not str",
    ),
    (
        ("overrides",),
        ledgerbook.MatchOverrides({}, "12"),
        "an item of {}.new_numbers must be of type int, not str",
    ),
)


def list_wrong_calls() -> list[tuple[Callable[..., object], str, Any, str]]:
    """Return each function with each of its arguments and each wrong value for it."""
    return [
        (function, name, value, message.format(name).replace("PosixPath", type(Path()).__name__))
        for function in CALLS
        for names, value, message in WRONG
        for name in names
        if name in function.__code__.co_varnames[: count_arguments(function)]
        and not (value is None and name in ("template", "summary", "notice", "expect"))
    ]


def count_arguments(function: Any) -> int:
    return int(function.__code__.co_argcount + function.__code__.co_kwonlyargcount)


@pytest.mark.parametrize(("function", "name", "value", "message"), list_wrong_calls())
def test_a_wrong_type_is_refused_before_anything_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: Callable[..., object],
    name: str,
    value: Any,
    message: str,
) -> None:
    """The TypeError names the argument, what was expected and what came; nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError) as caught:
        function(**{**CALLS[function], name: value})
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


def test_every_argument_is_tried_with_a_wrong_type() -> None:
    """A new argument must be in the table above."""
    tried = {(function, name) for function, name, _, _ in list_wrong_calls()}
    for function in CALLS:
        names = function.__code__.co_varnames[: count_arguments(function)]
        assert [name for name in names if (function, name) not in tried] == []


@pytest.mark.parametrize("function", CALLS)
def test_an_unknown_argument_is_refused(function: Callable[..., object]) -> None:
    """A misspelt name is never passed on to nobody."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'roud'"):
        function(**CALLS[function], roud="年度")


# --- values of the right type that cannot be used ---


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a current folder with a book and one return that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "账.xlsx").write_bytes(build_book_bytes(make_book()))
    (tmp_path / "收回").mkdir()
    (tmp_path / "收回" / "说明.txt").write_text("没有表", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("function", "option", "said"),
    [
        (ledgerbook.collect, {"export": "xls"}, "xls"),
        (ledgerbook.collect, {"prefer": "没有.xlsx"}, "没有.xlsx"),
        (ledgerbook.write_report, {"prefer": ["没有.xlsx"]}, "没有.xlsx"),
        (ledgerbook.roll_up, {"export": "xls", "summaries": "收回"}, "xls"),
        (ledgerbook.generate, {"round_name": "下半年"}, "下半年"),
    ],
)
def test_an_unknown_word_is_refused_before_a_return_is_read(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: Callable[..., object],
    option: Mapping[str, Any],
    said: str,
) -> None:
    """Kinds of export, preferred files and rounds are looked up first; nothing is written."""
    before = sorted(folder.rglob("*"))
    monkeypatch.setattr("ledgerbook.intake.worker_pool.read_files", pytest.fail)
    with pytest.raises(ledgerbook.InputError, match=said):
        function(**{**CALLS[function], **option})
    assert sorted(folder.rglob("*")) == before


@pytest.mark.slow
def test_a_str_of_a_folder_is_the_folder(folder: Path) -> None:
    """What a str names is read as what a Path names."""
    results = [
        ledgerbook.collect(folder / "账.xlsx", returns, folder / "汇总", as_of=DAY, dry_run=True)
        for returns in ("收回", ["收回"], Path("收回"), Located("收回"))
    ]
    assert [len(result.ledger.file_reports) for result in results] == [1, 1, 1, 1]
