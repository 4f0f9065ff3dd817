"""Outputs appear whole or not at all, and failures are said plainly."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledgerbook.errors import FileError
from ledgerbook.storage import atomic

resource = pytest.importorskip("resource", reason="limits exist on POSIX only")


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes, root or not."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_writes_a_file_and_the_folders_above_it(tmp_path: Path) -> None:
    """The file is whole, and nothing temporary stays beside it."""
    target = tmp_path / "汇总" / "新" / "年度汇总.xlsx"
    atomic.write_file(target, b"data")
    assert target.read_bytes() == b"data"
    assert listed(target.parent) == ["年度汇总.xlsx"]


def test_replaces_a_file_and_keeps_its_rights(tmp_path: Path) -> None:
    """The new content stands under the old file's rights."""
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    atomic.write_file(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_whoever_has_the_old_file_open_keeps_it_whole(tmp_path: Path) -> None:
    """The new file takes the old one's name in one step; no byte of the old changes."""
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    with target.open("rb") as reader:
        atomic.write_file(target, b"new and longer")
        assert reader.read() == b"old"
    assert target.read_bytes() == b"new and longer"


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    """A colleague can read what was written: the rights follow the umask."""
    old = os.umask(0o027)
    try:
        atomic.write_file(tmp_path / "a.xlsx", b"data")
    finally:
        os.umask(old)
    assert (tmp_path / "a.xlsx").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="On Windows the folder gives the rights")
@pytest.mark.parametrize(("folder_mode", "mode"), [(0o755, 0o600), (0o775, 0o644), (0o2755, 0o644)])
def test_a_file_for_its_owner_is_for_others_in_a_shared_folder_only(
    tmp_path: Path, folder_mode: int, mode: int
) -> None:
    """A folder into which others may write, or with a group of its own, is shared."""
    folder = tmp_path / "台账"
    folder.mkdir()
    folder.chmod(folder_mode)
    mask = os.umask(0o022)
    try:
        assert atomic.create_file(folder / "台账.xlsx", b"new", is_for_owner=True)
    finally:
        os.umask(mask)
    assert (folder / "台账.xlsx").stat().st_mode & 0o777 == mode
    (folder / "台账.xlsx").chmod(0o640)
    atomic.write_file(folder / "台账.xlsx", b"again")
    assert (folder / "台账.xlsx").stat().st_mode & 0o777 == 0o640


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    """When writing fails half way, the old file is whole and nothing else is left."""
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    with disk_full_after(1000), pytest.raises(FileError) as caught:
        atomic.write_file(target, bytes(100_000))
    assert str(caught.value) == (
        f"文件“{target}”写不进去（文件太大，磁盘放不下）。"
        "请检查磁盘空间和文件夹后重试；这个文件没有改动。"
    )
    assert target.read_bytes() == b"old"
    assert listed(tmp_path) == ["a.xlsx"]


def test_a_folder_in_the_files_place_is_left_alone(tmp_path: Path) -> None:
    """When the rename fails, the folder and what is in it stay."""
    target = tmp_path / "a.xlsx"
    target.mkdir()
    (target / "b").write_bytes(b"kept")
    with pytest.raises(FileError, match=re.escape(str(target))):
        atomic.write_file(target, b"new")
    assert listed(tmp_path) == ["a.xlsx"]
    assert (target / "b").read_bytes() == b"kept"


def test_a_name_too_long_leaves_nothing_behind(tmp_path: Path) -> None:
    """A name that the disk refuses is a plain message."""
    with pytest.raises(FileError, match=r"写不进去（文件名或文件夹的路径太长）"):
        atomic.write_file(tmp_path / f"{'长' * 200}.xlsx", b"new")
    assert listed(tmp_path) == []


def test_a_file_in_the_folders_place_is_left_alone(tmp_path: Path) -> None:
    """An output folder that is a file cannot be written into."""
    (tmp_path / "汇总").write_bytes(b"a file")
    with pytest.raises(FileError):
        atomic.write_file(tmp_path / "汇总" / "a.xlsx", b"new")
    assert (tmp_path / "汇总").read_bytes() == b"a file"


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="no /sys here")
def test_a_folder_that_cannot_be_written_asks_for_another() -> None:
    """A read-only folder, which root cannot write to either, is said to be one."""
    target = Path("/sys/kernel/a.xlsx")
    with pytest.raises(FileError) as caught:
        atomic.write_file(target, b"new")
    assert str(caught.value).startswith(f"文件“{target}”写不进去")
    assert not target.exists()


@pytest.mark.parametrize(
    ("path", "long"),
    [
        ("D:\\台账\\" + "a" * 251 + ".xlsx", True),
        ("D:\\" + "a" * 251 + ".xlsx", False),
        # There is room for the file, but none for the temporary one or the folder.
        ("D:\\" + "夹" * 239 + "\\a.xlsx", True),
        ("D:\\" + "夹" * 230 + "\\a.xlsx", False),
        ("D:\\" + "夹" * 245 + "\\a.b", True),
    ],
)
def test_a_path_that_windows_has_no_room_for(path: str, *, long: bool) -> None:
    """259 characters to a file, 247 to a folder, the temporary name counted in."""
    assert atomic.is_too_long(path) is long


def test_a_path_that_is_too_long_is_told_in_chinese() -> None:
    """One sentence: how long it is, how long it may be, and what to do."""
    assert atomic.format_too_long(Path("综合科.xlsx"), "x" * 300) == (
        "“综合科.xlsx”的完整路径有 300 个字，超过 Windows 的上限（259 个），写不进去。"
        "请换一个路径短一些的文件夹，例如 D:\\台账，再运行一次。"
    )
