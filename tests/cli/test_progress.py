"""A terminal shows how far a long run is; a pipe gets not a byte of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.intake.worker_pool import read_files
from tests.plan.layouts import comma
from tests.support.books import AS_OF, DONE, FINANCE, OFFICE, fill, issued, make_book

# They start commands on terminals.
pytestmark = pytest.mark.slow

pty = pytest.importorskip("pty", reason="伪终端只有 Unix 有")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder with a book and two returns."""
    book = make_book()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    (tmp_path / "收回").mkdir()
    for section in (OFFICE, FINANCE):
        filled = fill(issued(book, section), {"T01": DONE})
        (tmp_path / "收回" / f"{section}.xlsx").write_bytes(filled)
    return tmp_path


def collect(desk: Path, error: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ledgerbook", "collect", "台账.xlsx", "收回"],
        cwd=desk,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=error,
    )


# What collect says where a section has not returned.
_MISSING = 1


def test_a_terminal_is_told_how_many_files_are_read(desk: Path) -> None:
    ours, theirs = pty.openpty()
    running = collect(desk, theirs)
    os.close(theirs)
    shown = b""
    # A terminal that nobody reads from holds up whoever writes to it.
    while piece := _read(ours):
        shown += piece
    os.close(ours)
    assert running.wait() == _MISSING
    assert "正在读报送表" in shown.decode()
    assert "2/2" in shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # as Linux says that the other side is closed
        return b""


def test_a_terminal_is_told_what_a_slow_init_does(tmp_path: Path) -> None:
    rows = [[str(n), f"第{n}项：更新目录。", "综合科"] for n in range(1, 3_000)]
    table = [["序号", "计划措施", "责任单位"], *rows]
    (tmp_path / "方案.csv").write_bytes(comma(["某市某局2022年政务公开分工方案"], [table]))
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "ledgerbook", "init", "方案.csv"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        shown += piece
    os.close(ours)
    assert running.wait() == 0
    assert shown.decode().strip() == "正在读分工方案“方案.csv”、建台账，请稍候……"


def test_a_pipe_gets_nothing(desk: Path) -> None:
    with (desk / "错误输出").open("w+b") as stream:
        assert collect(desk, stream.fileno()).wait() == _MISSING
        stream.seek(0)
        assert stream.read() == b""


def test_what_is_found_in_an_archive_is_known_of_and_counted(desk: Path) -> None:
    packed = Path(shutil.make_archive(str(desk / "两个科室"), "zip", desk / "收回"))
    told: list[tuple[int, int]] = []
    files = {"两个科室.zip": packed, "另一份.xlsx": desk / "收回" / f"{OFFICE}.xlsx"}
    read_files(files, make_book(), AS_OF, on_progress=lambda *said: told.append(said))
    assert told[0] == (1, 4)
    assert told[-1] == (4, 4)
