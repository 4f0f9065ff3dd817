"""The demo: the main job once through, the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.cli import demo
from ledgerbook.errors import FileError

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "演示"
    lines = list(demo.run_demo(folder))
    (folder / "said.txt").write_text("\n".join(lines), "utf-8")
    return folder


def test_a_real_years_folder(folder: Path) -> None:
    """The demo leaves what a real year's folder would hold."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["台账.xlsx", "发出", "收回", "汇总", "催办", "年报初稿.docx", "said.txt"]
    )
    assert (folder / "汇总" / "2022年度汇总.xlsx").is_file()
    assert (folder / "催办" / "2022-12-20" / "通报.docx").is_file()


def test_it_shows_what_goes_wrong(folder: Path) -> None:
    """One section missing, one item overdue, one wrong date: each is told."""
    said = (folder / "said.txt").read_text("utf-8")
    assert "读出 25 项任务、3 个科室" in said
    assert "未报送的科室：产业金融科。" in said
    assert "逾期 1 件" in said
    assert "须处理的问题 1 个" in said
    assert "“2022年11月31日”，不是能确定的日期" in said
    assert "一个不少" in said


def test_two_demos_are_byte_identical(folder: Path, tmp_path: Path) -> None:
    """Every file of two demos is the same, the summary above all."""
    other = tmp_path / "demo"
    list(demo.run_demo(other))
    files = [path for path in sorted(other.rglob("*")) if path.is_file()]
    assert len(files) == 22
    for path in files:
        assert path.read_bytes() == (folder / path.relative_to(other)).read_bytes()


def test_it_needs_neither_pandas_nor_numpy(folder: Path, tmp_path: Path) -> None:
    """Where they cannot be loaded, in worker processes too, every byte is the same."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    for name in ("numpy", "pandas"):
        (blocked / f"{name}.py").write_text(f"raise ImportError('{name}')\n")
    search_path = os.pathsep.join([str(blocked), *filter(None, sys.path)])
    subprocess.run(
        [sys.executable, "-m", "ledgerbook", "demo", str(tmp_path / "演示")],
        env={**os.environ, "PYTHONPATH": search_path},
        check=True,
        capture_output=True,
        timeout=300,
    )
    for path in (tmp_path / "演示").rglob("*.*"):
        assert path.read_bytes() == (folder / path.relative_to(tmp_path / "演示")).read_bytes()


def test_it_never_touches_a_folder_with_something_in_it(tmp_path: Path) -> None:
    """A folder that holds anything is left alone."""
    (tmp_path / "a.txt").write_text("我的", "utf-8")
    with pytest.raises(FileError, match="没有动它"):
        list(demo.run_demo(tmp_path))


def test_every_returned_answer_is_in_the_summary(folder: Path) -> None:
    """Each word that a section typed stands on 科室明细, but for the wrong date."""
    summary = load_workbook(folder / "汇总" / "2022年度汇总.xlsx", data_only=True)
    shown = {
        str(value)
        for row in summary["科室明细"].iter_rows(values_only=True)
        for value in row
        if value is not None
    }
    typed = set()
    for path in (folder / "收回").rglob("*.xlsx"):
        sheet = load_workbook(path).worksheets[0]
        for row in sheet.iter_rows(min_row=6, min_col=10, max_col=18):
            typed |= {str(cell.value) for cell in row if cell.value is not None}
    assert len(typed) > 60
    assert typed - shown == {"2022年11月31日"}
