"""Temporary files of a killed run go with the next one; what is another's stays."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest

from ledgerbook.excel.workbook_writer import WorkbookWriter
from ledgerbook.temporary_folder import make_temporary_folder

_WAITING = """\
import sys, time
from pathlib import Path
from ledgerbook.temporary_folder import make_temporary_folder
with make_temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "part").write_text("落实情况", "utf-8")
    print(folder, flush=True)
    time.sleep(600)
"""


def make_older(folder: Path) -> None:
    then = time.time() - 7200
    os.utime(folder, (then, then))


def start_run(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that has a temporary folder; return both once it is there."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WAITING, parent], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    make_older(folder)
    return process, folder


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """That of a run that lives stays, however old it is."""
    process, folder = start_run(tmp_path)
    with process:
        with make_temporary_folder(tmp_path):
            assert (folder / "part").exists()
        process.kill()
    assert (folder / "part").exists()
    with make_temporary_folder(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]
    assert list(tmp_path.iterdir()) == []


def test_what_is_another_s_stays(tmp_path: Path) -> None:
    """A folder of a like name, one with another lock, and a link."""
    ours = tmp_path / "elsewhere"
    ours.mkdir()
    (ours / "ledgerbook.lock").write_text("temporary files of ledgerbook\n")
    parent = tmp_path / "parent"
    for name, lock in (("ledgerbook-2022", None), ("ledgerbook-x", "mine")):
        (parent / name).mkdir(parents=True)
        (parent / name / "台账.xlsx").write_text("mine")
        if lock:
            (parent / name / "ledgerbook.lock").write_text(lock)
        make_older(parent / name)
    (parent / "ledgerbook-file").write_text("mine")
    (parent / "ledgerbook-link").symlink_to(ours, target_is_directory=True)
    os.utime(parent / "ledgerbook-link", (1, 1), follow_symlinks=False)
    make_older(ours)
    before = sorted(tmp_path.rglob("*"))
    with make_temporary_folder(parent):
        pass
    assert sorted(tmp_path.rglob("*")) == before


def test_a_large_workbook_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts are in a folder of ours, which goes when it is finished."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made: list[str] = []
    mkstemp = tempfile.mkstemp

    def note(*args: object, **kwargs: object) -> tuple[int, str]:
        handle, name = mkstemp(*args, **kwargs)  # type: ignore[call-overload]
        made.append(name)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", note)
    writer = WorkbookWriter(title="汇总", created=date(2022, 6, 1), large=True)
    writer.add_sheet("表")
    assert writer.finish()
    assert made
    assert all(Path(name).parents[1] == tmp_path for name in made)
    assert list(tmp_path.iterdir()) == []
