"""Links among the returns are listed and never read; links in an output are refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.intake.pipeline import FileSource, refuse_link
from ledgerbook.intake.urls import fetch_file
from ledgerbook.storage.file_names import HISTORY_FOLDER
from tests.support.books import DONE, OFFICE, fill, issued, make_book

pytestmark = pytest.mark.slow

PRIVATE = "只给局长看的话"
AS_OF = ("--as-of", "2022-12-20")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return a folder with a book, one good return, and a private workbook elsewhere."""
    book = make_book()
    folder = tmp_path / "办公"
    (folder / "收回").mkdir(parents=True)
    (tmp_path / "私人").mkdir()
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    (folder / "收回" / "好.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))
    private = openpyxl.Workbook()
    private.active["A1"] = PRIVATE
    private.save(tmp_path / "私人" / "工资.xlsx")
    return folder


@pytest.fixture
def run(office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in the office's folder: exit code and output."""

    def run_command(*words: str) -> tuple[int, str]:
        monkeypatch.chdir(office)
        with pytest.raises(SystemExit) as ended:
            main([*words])
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    return run_command


def plant_links(office: Path) -> set[str]:
    """Lay links of every kind among the returns; return their names."""
    returns, private = office / "收回", office.parent / "私人"
    (returns / "财务科.xlsx").symlink_to(private / "工资.xlsx")
    (returns / "上一级.xlsx").symlink_to(os.path.relpath(private / "工资.xlsx", returns))
    (returns / "又一份.xlsx").symlink_to("好.xlsx")
    (returns / "文件夹").symlink_to(private, target_is_directory=True)
    (returns / "圈").symlink_to(returns, target_is_directory=True)
    (returns / "自己.xlsx").symlink_to("自己.xlsx")
    return {"财务科.xlsx", "上一级.xlsx", "又一份.xlsx", "文件夹", "圈", "自己.xlsx"}


@pytest.mark.parametrize("words", [("台账.xlsx", "收回"), ("台账.xlsx", ".")])
def test_a_link_in_the_folder_of_returns_is_listed_and_not_read(
    office: Path, run: Run, words: tuple[str, str]
) -> None:
    """What it leads to is on no list, and the good return beside it is read."""
    links = plant_links(office)
    _, said = run("collect", *words, "--json", *AS_OF)
    problems = json.loads(said)["problems"]
    listed = {Path(p["file"]).name for p in problems if p["code"] == "file-link"}
    assert listed == links
    assert PRIVATE not in said
    reports = {Path(p["name"]).name: p for p in json.loads(said)["files"]}
    assert (reports["好.xlsx"]["verdict"], reports["财务科.xlsx"]["sha256"]) == ("接收但有问题", "")


@pytest.mark.parametrize(
    "words",
    [
        ("check", "收回"),
        ("diagnose", "收回"),
        ("generate", "台账.xlsx", "--from", "收回"),
        ("report", "台账.xlsx", "收回"),
        ("rollup", "收回", "--dry-run"),
        ("collect", "台账.xlsx", "收回", "--dry-run"),
    ],
)
def test_no_command_follows_a_link(office: Path, run: Run, words: tuple[str, ...]) -> None:
    """Nothing of what it leads to is told."""
    (office / "收回" / "历次").mkdir()
    (office / "收回" / "历次" / "年度.xlsx").symlink_to(office.parent / "私人" / "工资.xlsx")
    plant_links(office)
    _, said = run(*words, *AS_OF)
    assert PRIVATE not in said


def test_a_link_that_was_named_is_read(office: Path, run: Run) -> None:
    """Whoever names a file or a folder means where it leads."""
    (office / "我的收回").symlink_to("收回", target_is_directory=True)
    (office / "我的.xlsx").symlink_to("收回/好.xlsx")
    for named in ("我的收回", "我的.xlsx"):
        _, said = run("collect", "台账.xlsx", named, "--dry-run", "--json", *AS_OF)
        (report,) = json.loads(said)["files"]
        assert report["verdict"] == "接收但有问题"


def test_a_link_at_a_url_of_files_is_not_fetched(office: Path, tmp_path: Path) -> None:
    """The worker of a cluster that fetches it would read what the sender may not."""
    pytest.importorskip("fsspec")
    plant_links(office)
    target = tmp_path / "copy"
    url = f"file://{office / '收回' / '财务科.xlsx'}"
    source = FileSource("财务科.xlsx", target, url=url)
    assert fetch_file(source) == refuse_link(source.name)
    assert not target.exists()


@pytest.mark.parametrize("name", ["退回修改", "佐证材料", HISTORY_FOLDER, "2022年度汇总.xlsx"])
def test_nothing_is_written_through_a_link_in_the_output(
    office: Path, run: Run, name: str, tmp_path: Path
) -> None:
    """One sentence says which link it is, before anything has changed."""
    run("collect", "台账.xlsx", "收回", *AS_OF)
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    place = office / "汇总" / name
    if place.is_dir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
    place.unlink(missing_ok=True)
    if place.suffix:
        place.symlink_to(tmp_path / "私人" / "工资.xlsx")
    else:
        place.symlink_to(elsewhere, target_is_directory=True)
    before = {p: p.stat().st_mtime_ns for p in sorted((office / "汇总").iterdir())}
    code, said = run("collect", "台账.xlsx", "收回", *AS_OF)
    assert code == 2
    assert said == (
        f"“{Path('汇总', name)}”是指向别处的链接，结果不能经过它写到别的地方去。"
        "请核对是谁放的，把它移走，再运行一次；现在什么都没有改动。\n"
    )
    assert list(elsewhere.iterdir()) == []
    assert {p: p.stat().st_mtime_ns for p in sorted((office / "汇总").iterdir())} == before


def test_nothing_is_issued_through_a_link(office: Path, run: Run, tmp_path: Path) -> None:
    """The folder of a round as a link; the output itself may be one."""
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    (office / "发出").mkdir()
    (office / "发出" / "年度").symlink_to(elsewhere, target_is_directory=True)
    code, said = run("generate", "台账.xlsx", *AS_OF)
    assert (code, "是指向别处的链接" in said) == (2, True)
    assert list(elsewhere.iterdir()) == []
    (office / "另发").symlink_to(elsewhere, target_is_directory=True)
    assert run("generate", "台账.xlsx", "-o", "另发", *AS_OF)[0] == 0
    assert (elsewhere / "年度").is_dir()
