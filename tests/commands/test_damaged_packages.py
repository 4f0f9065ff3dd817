"""A damaged package, wherever the program itself looks, ends no command with a fault of ours."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, is_book, is_workbook, read_book
from ledgerbook.cli.app import main
from ledgerbook.errors import LedgerbookError
from ledgerbook.file_types import RefusedError, is_archive, list_entry_names, refuse_unsound_package
from ledgerbook.identity import is_modified, read_output_kind
from ledgerbook.model import Round
from ledgerbook.plan import read_plan
from ledgerbook.storage.file_names import is_kept_copy
from ledgerbook.summary import (
    find_hand_edits,
    find_row_code_header,
    read_office_notes,
    read_summary_metadata,
    was_saved_since,
)
from tests.commands.test_harvest import type_text
from tests.support.books import AS_OF, DONE, FINANCE, ISSUED_ON, OFFICE, fill, issued, make_book
from tests.support.damaged_packages import DAMAGES, FEW_DAMAGES

pytestmark = pytest.mark.slow

BOOK = make_book(rounds=(Round("上半年", date(2022, 7, 15)), Round("年度", date(2022, 12, 15))))
SUMMARY = Path("汇总", "2022年度汇总.xlsx")
DAY = ("--as-of", "2022-12-20")
COMMANDS = {
    "bare": (),
    "generate": ("generate", "台账.xlsx", "--round", "年度", "--from", "收回", "--eml"),
    "collect": ("collect", "台账.xlsx", "收回"),
    "check": ("check", "收回", "--book", "台账.xlsx"),
    "report": ("report", "台账.xlsx", "收回", "--summary", str(SUMMARY)),
    "rollup": ("rollup", "汇总"),
    "diagnose": ("diagnose", "台账.xlsx", "收回"),
    "drop collect": ("drop", "collect", "新收的.xlsx"),
    "drop check": ("drop", "check", "新收的.xlsx"),
    "drop generate": ("drop", "generate"),
    "drop diagnose": ("drop", "diagnose"),
    "drop look": ("drop", "look"),
}
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an office in the middle of the year."""
    folder = tmp_path_factory.mktemp("年中") / "办公"
    (folder / "收回").mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(BOOK))
    (folder / "方案.txt").write_text("没有表", "utf-8")
    wrong = {"status": "不知道", "result": "甲"}
    for section, answer in ((OFFICE, DONE), (FINANCE, wrong)):
        (folder / "收回" / f"{section}.xlsx").write_bytes(
            fill(issued(BOOK, section), {"T01": answer})
        )
    commands.generate(folder / "台账.xlsx", folder / "发出", issued_on=ISSUED_ON)
    commands.collect(folder / "台账.xlsx", folder / "收回", folder / "汇总", as_of=AS_OF)
    assert (folder / "汇总" / "退回修改" / f"{FINANCE}.xlsx").exists()
    assert (folder / "汇总" / "历次" / "上半年.xlsx").exists()
    return folder


@pytest.fixture
def office(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound, tmp_path / "办公")
    return tmp_path / "办公"


@pytest.fixture
def run(office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in the office: exit code and what it says."""

    def run_command(*words: str) -> tuple[int, str]:
        monkeypatch.chdir(office)
        has_day = words and words[0] != "drop"
        with pytest.raises(SystemExit) as ended:
            main([*words, *(DAY if has_day else ())])
        said = capsys.readouterr()
        text = said.out + said.err
        assert "程序内部出错" not in text, words
        assert "程序有错" not in text, words
        assert "Traceback" not in text, words
        assert "Warning" not in text, words
        return int(str(ended.value.code)), text

    return run_command


# -- each way into a package --------------------------------------------------------


@pytest.mark.parametrize("name", DAMAGES)
def test_every_reader_in_the_program_refuses_in_its_own_way(
    sound: Path, tmp_path: Path, name: str
) -> None:
    """Its answer, or one of our exceptions: never what a library raises."""
    written = (sound / SUMMARY).read_bytes()
    path = tmp_path / "表.xlsx"
    readers: tuple[Callable[[bytes], object], ...] = (
        lambda _: is_book(path),
        lambda _: is_workbook(path),
        lambda _: is_archive(path),
        lambda _: read_output_kind(path),
        lambda _: read_summary_metadata(path),
        lambda _: read_book(path),
        lambda _: read_plan(path),
        list_entry_names,
        refuse_unsound_package,
        is_modified,
        was_saved_since,
        lambda data: find_hand_edits(data, written),
        lambda data: read_office_notes(data, find_row_code_header(BOOK)),
    )
    for source in ("台账.xlsx", SUMMARY, Path("发出", "上半年", f"{OFFICE}.xlsx")):
        data = DAMAGES[name]((sound / source).read_bytes())
        path.write_bytes(data)
        for reader in readers:
            with contextlib.suppress(LedgerbookError, RefusedError):
                reader(data)


# -- beside what is good ------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_damaged_files_everywhere_stop_no_command(office: Path, run: Run, command: str) -> None:
    """What is good is worked on, as without them."""
    shutil.copy(office / "收回" / f"{OFFICE}.xlsx", office / "新收的.xlsx")
    good = (office / "发出" / "上半年" / f"{OFFICE}.xlsx").read_bytes()
    folders = ("", "发出", "发出/上半年", "收回", "汇总", "汇总/历次", "汇总/退回修改")
    for name, damage in DAMAGES.items():
        data = damage(good)
        for folder in folders:
            (office / folder / f"坏 {name}.xlsx").write_bytes(data)
    for folder in folders:
        (office / folder / "文件夹.xlsx").mkdir()
        (office / folder / "诊断.zip").write_bytes(b"PK\x03\x04")
    code, said = run(*COMMANDS[command])
    assert code in (0, 1), said
    if command == "bare":
        assert "台账.xlsx：某市金融工作局2022年" in said


def test_copies_of_the_book_are_told_apart(office: Path, run: Run) -> None:
    """Those that cannot be read are no books."""
    good = (office / "台账.xlsx").read_bytes()
    for name in ("截断", "目录坏", "加密", "缺 workbook.xml", "编码 workbook.xml", "空"):
        (office / f"台账 {name}.xlsx").write_bytes(DAMAGES[name](good))
    assert "台账.xlsx：某市金融工作局2022年" in run()[1]
    (office / "台账.xlsx").unlink()
    code, said = run()
    assert code == 2
    assert "打不开" in said


# -- in place of what is good -------------------------------------------------------


@pytest.mark.parametrize("name", FEW_DAMAGES)
def test_a_damaged_output_is_kept_and_told(office: Path, run: Run, name: str) -> None:
    """Nothing that somebody may have typed is overwritten without a copy and a word."""
    type_text(office / SUMMARY, "科室明细", "采用口径", "按季度推进。")
    for folder in ("汇总", "发出"):
        for path in (office / folder).rglob("*.xlsx"):
            path.write_bytes(DAMAGES[name](path.read_bytes()))
    notice = office / "发出" / "上半年" / "填报通知.docx"
    notice.write_bytes(notice.read_bytes()[:-1])
    damaged = (office / SUMMARY).read_bytes()
    correction = (office / "汇总" / "退回修改" / f"{FINANCE}.xlsx").read_bytes()
    assert run()[0] == 0
    assert run("drop", "look")[0] == 0
    code, said = run(*COMMANDS["collect"])
    assert code == 1
    copies = [path for path in (office / "汇总").iterdir() if is_kept_copy(path.name)]
    assert [copy.read_bytes() for copy in copies] == [damaged]
    assert copies[0].name in said
    # One that has its seal still was typed into by nobody.
    if is_modified(correction):
        kept = office / "汇总" / "退回修改" / f"{FINANCE}.xlsx"
        assert kept.read_bytes() == correction
    assert read_summary_metadata(office / SUMMARY).facts
    is_edited = any(
        is_modified(path.read_bytes()) for path in (office / "发出" / "上半年").glob("*.xlsx")
    )
    code, said = run("generate", "台账.xlsx", "--round", "上半年")
    assert (code, "已经有人打开保存过" in said) == ((2, True) if is_edited else (0, False))


@pytest.mark.parametrize("name", FEW_DAMAGES)
def test_a_damaged_file_that_was_named_is_told(office: Path, run: Run, name: str) -> None:
    """One sentence in Chinese, and nothing is written."""
    good = (office / "台账.xlsx").read_bytes()
    (office / "坏.xlsx").write_bytes(DAMAGES[name](good))
    before = sorted(office.rglob("*"))
    for words in (
        ("init", "坏.xlsx", "-o", "新.xlsx"),
        ("init", "坏.xlsx", "--update"),
        ("init", "方案.txt", "-o", "坏.xlsx", "--update"),
        ("report", "台账.xlsx", "收回", "--summary", "坏.xlsx"),
        ("report", "台账.xlsx", "收回", "--template", "坏.xlsx"),
        ("generate", "台账.xlsx", "--round", "年度", "--notice", "坏.xlsx"),
        ("rollup", "坏.xlsx"),
    ):
        code, said = run(*words)
        assert (code, "坏.xlsx" in said) == (2, True), (words, said)
    assert sorted(office.rglob("*")) == before
    for words in (
        ("rollup", "汇总", "--expect", "坏.xlsx", "--dry-run"),
        ("collect", "坏.xlsx", "收回", "--dry-run"),
        ("check", "坏.xlsx", "--book", "坏.xlsx"),
        ("drop", "check", "坏.xlsx"),
        ("drop", "collect", "坏.xlsx", "收回/综合科.xlsx"),
        ("drop", "diagnose", "坏.xlsx"),
    ):
        run(*words)
