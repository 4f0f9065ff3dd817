"""The errors that stop a run: what they carry, and how they name options."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

import ledgerbook
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import cli
from ledgerbook.errors import FileError, InputError, LedgerbookError, name_option
from tests.support.books import make_book
from tests.support.doc_pages import TREE, code_spans, table_rows

DAY = date(2022, 12, 1)
_CLASSES = {"FileError", "InputError", "ProgramFaultError", "RefusedContentError"}
_PLAN = TREE / "examples" / "zhongshan-2022" / "plan.docx"


def list_calls(*names: str) -> Iterator[ast.Call]:
    """Yield the calls of functions and classes in the source."""
    for path in (TREE / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield node


def test_every_error_has_a_code_and_every_code_is_documented() -> None:
    """A program that calls ours can tell what happened without reading Chinese."""
    codes = {
        keyword.value.value
        for call in list_calls(*_CLASSES)
        for keyword in call.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    nameless = [
        ast.unparse(call)
        for call in list_calls(*_CLASSES)
        if "code" not in {keyword.arg for keyword in call.keywords}
    ]
    assert nameless == []
    rows = table_rows(TREE / "docs" / "api.md", width=2)
    assert [code_spans(code)[0] for code, _ in rows] == sorted(codes)


def test_no_error_names_an_option_but_by_name_option() -> None:
    """The text of an error must not tell a programmer to add an option of the command line."""
    texts = [
        ast.unparse(node)
        for call in list_calls(*_CLASSES)
        for argument in call.args
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and re.search(r"(?<!')--?[a-z]", str(node.value))
    ]
    marked = {ast.unparse(call.args[0]) for call in list_calls("name_option")}
    assert set(texts) - marked == set()


def test_the_options_that_errors_name_exist() -> None:
    """What an error tells a clerk to type, the command line takes."""
    known = {one for command in cli.commands.values() for p in command.params for one in p.opts}
    texts = [str(ast.literal_eval(call.args[0])) for call in list_calls("name_option")]
    named = {option for text in texts for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)}
    assert len(named) > 8
    assert named - known == set()


def test_each_reader_is_told_in_its_own_words() -> None:
    """Options on the command line, arguments in Python; the marks are never seen."""
    error = InputError(
        f"请用 {name_option('--year', 'year=')} 写明：", [f"{name_option('-o', 'output=')}。"]
    )
    assert str(error) == "请用 year= 写明：\n  1. output=。"
    assert error.command_line_text == "请用 --year 写明：\n  1. -o。"
    assert (error.headline, error.slips) == ("请用 year= 写明：", ("output=。",))
    located = error.locate(Path("甲/方案.docx"))
    assert located.command_line_text == "“方案.docx”：请用 --year 写明：\n  1. -o。"
    assert (located.path, located.code) == (Path("甲/方案.docx"), error.code)


@pytest.mark.parametrize("error_type", [InputError, FileError])
def test_an_error_comes_whole_out_of_another_process(error_type: type[LedgerbookError]) -> None:
    """Whatever raises it, code, path and values arrive."""
    error = error_type("打不开。", code="file-missing", path=Path("甲"), values={"n": 1})
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)
    assert str(copy) == "打不开。"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a current folder with a book, a draft and a text that is no plan."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "账.xlsx").write_bytes(build_book_bytes(make_book()))
    (tmp_path / "稿.docx").write_bytes(b"")
    (tmp_path / "收回").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("call", "code", "path", "said"),
    [
        (lambda: ledgerbook.init(_PLAN, "账.xlsx"), "file-exists", Path("账.xlsx"), "update()"),
        (
            lambda: ledgerbook.init(_PLAN, "新.xlsx", units_column="谁"),
            "column-unknown",
            _PLAN,
            "在 units_column= 后面",
        ),
        (
            lambda: ledgerbook.update(
                _PLAN, "账.xlsx", day=DAY, overrides=ledgerbook.MatchOverrides({99: "T01"})
            ),
            None,
            None,
            "=",
        ),
        (
            lambda: ledgerbook.write_report("账.xlsx", "收回", "稿.docx", as_of=DAY),
            "file-exists",
            Path("稿.docx"),
            "overwrite=True",
        ),
        (
            lambda: ledgerbook.collect("账.xlsx", "s3://a/b", "汇总", as_of=DAY),
            "scheduler-missing",
            None,
            "scheduler=",
        ),
        (
            lambda: ledgerbook.collect(
                "账.xlsx", "收回", "汇总", as_of=DAY, insecure_scheduler=True
            ),
            "scheduler-missing",
            None,
            "insecure_scheduler= 要与 scheduler= 一起用",
        ),
        (
            lambda: ledgerbook.generate("账.xlsx", "发出", round_name="无", issued_on=DAY),
            "round-unknown",
            None,
            "“无”",
        ),
        (lambda: ledgerbook.check("无.xlsx", as_of=DAY), "file-missing", Path("无.xlsx"), "找不到"),
        (lambda: ledgerbook.read_workspace("无.xlsx"), "file-missing", Path("无.xlsx"), "找不到"),
        (
            lambda: ledgerbook.init(_PLAN, "新.xlsx", key="00"),
            "argument-invalid",
            None,
            "key= 要写 64 个",
        ),
        (
            lambda: ledgerbook.init(_PLAN, "新.xlsx", year=22),
            "argument-invalid",
            None,
            "year= 要在 2000 到 2100",
        ),
        (
            lambda: ledgerbook.init(_PLAN, "新.xlsx", sections=["机关党委", " "]),
            "argument-invalid",
            None,
            "名称不能空着",
        ),
        (lambda: ledgerbook.roll_up("收回", "上", as_of=DAY), "summaries-missing", None, "没有"),
    ],
)
def test_errors_carry_code_and_path_and_speak_of_arguments(
    folder: Path, call: Callable[[], object], code: str | None, path: Path | None, said: str
) -> None:
    """What a script gets names the file and the argument, and no option."""
    with pytest.raises(LedgerbookError) as caught:
        call()
    assert not re.search(r"--[a-z]|（-o）", str(caught.value))
    assert said in str(caught.value)
    if code:
        assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ledgerbook.collect("账.xlsx", [], "汇总", as_of=DAY), "returns="),
        (
            lambda: ledgerbook.collect("账.xlsx", Path("收回").glob("*.et"), "汇总", as_of=DAY),
            "returns=",
        ),
        (lambda: ledgerbook.write_report("账.xlsx", (), "新稿.docx", as_of=DAY), "returns="),
        (lambda: ledgerbook.check(iter(()), as_of=DAY), "files="),
        (lambda: ledgerbook.roll_up([], "上级", as_of=DAY, dry_run=True), "summaries="),
        (lambda: ledgerbook.diagnose([], as_of=DAY), "paths="),
    ],
)
def test_no_path_at_all_is_no_empty_folder(
    folder: Path, call: Callable[[], object], name: str
) -> None:
    """A pattern without a match or a used-up generator makes no section overdue."""
    before = set(folder.iterdir())
    with pytest.raises(InputError) as caught:
        call()
    assert (caught.value.code, str(caught.value)[: len(name)]) == ("returns-missing", name)
    assert set(folder.iterdir()) == before
