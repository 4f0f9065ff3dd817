"""Two runs never write beside one book at a time, and no lock stays behind."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledgerbook.errors import FileError
from ledgerbook.storage.file_names import RUN_LOCK_NAME, is_leftover
from ledgerbook.storage.run_lock import hold_run_lock

_HOLD = """
import sys
from pathlib import Path
from ledgerbook.storage.run_lock import hold_run_lock
with hold_run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Give a process that holds the lock of ``folder``."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def lock_of(host: str) -> str:
    """Return the text of a lock as it is laid on the computer ``host``."""
    return (
        "ledgerbook 正在这个文件夹里运行，运行完会自己删去这个文件。\n"
        f"用户：李某\n计算机：{host}\n开始：2022-12-20 09:30:00\n"
    )


def test_the_lock_names_who_runs_and_is_gone_afterwards(tmp_path: Path) -> None:
    """Also after an error, and collect passes it over."""
    with hold_run_lock(tmp_path):
        text = (tmp_path / RUN_LOCK_NAME).read_text("utf-8")
    assert platform.node() in text
    assert text.startswith(lock_of("").partition("\n")[0])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyError), hold_run_lock(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    assert is_leftover(RUN_LOCK_NAME)


def test_a_second_run_is_told_who_runs(tmp_path: Path) -> None:
    """It waits for nothing and removes nothing."""
    with another_run(tmp_path):
        with pytest.raises(FileError) as caught, hold_run_lock(tmp_path):
            pass
        assert (tmp_path / RUN_LOCK_NAME).exists()
    assert caught.value.code == "book-busy"
    assert platform.node() in str(caught.value)
    assert "正在用本工具处理这本台账" in str(caught.value)


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    with hold_run_lock(tmp_path), pytest.raises(FileError), hold_run_lock(tmp_path):
        pass


def test_the_lock_of_a_killed_run_is_taken_over(tmp_path: Path) -> None:
    with another_run(tmp_path) as process:
        process.kill()
        process.wait()
    assert (tmp_path / RUN_LOCK_NAME).exists()
    with hold_run_lock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_leaves_no_lock(tmp_path: Path) -> None:
    with another_run(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        process.wait()
        assert list(tmp_path.iterdir()) == []


def test_the_lock_of_another_computer_counts_until_it_is_old(tmp_path: Path) -> None:
    """Whether its run still lives cannot be seen from here."""
    lock = tmp_path / RUN_LOCK_NAME
    lock.write_text(lock_of("别的计算机"), "utf-8")
    with pytest.raises(FileError, match=r"李某.*别的计算机.*2022-12-20.*请删去"):
        hold_run_lock(tmp_path).__enter__()
    assert lock.read_text("utf-8") == lock_of("别的计算机")
    os.utime(lock, (0, 0))
    with hold_run_lock(tmp_path):
        assert "别的计算机" not in lock.read_text("utf-8")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_lock_of_ours_is_never_overwritten(tmp_path: Path) -> None:
    lock = tmp_path / RUN_LOCK_NAME
    lock.write_bytes(b"somebody's")
    os.utime(lock, (0, 0))
    with pytest.raises(FileError, match="请删去"):
        hold_run_lock(tmp_path).__enter__()
    assert lock.read_bytes() == b"somebody's"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "别人的.txt"
    target.write_bytes(b"")
    (tmp_path / RUN_LOCK_NAME).symlink_to(target)
    with pytest.raises(FileError) as caught:
        hold_run_lock(tmp_path).__enter__()
    assert caught.value.code == "output-link"
    assert target.read_bytes() == b""


def test_a_folder_that_is_not_there_has_no_lock(tmp_path: Path) -> None:
    with hold_run_lock(tmp_path / "没有"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_permissions_of_a_linked_private_file_stay(tmp_path: Path) -> None:
    private = tmp_path / "私人.txt"
    private.write_text("", "utf-8")
    private.chmod(0o600)
    (tmp_path / RUN_LOCK_NAME).hardlink_to(private)
    with hold_run_lock(tmp_path):
        assert private.stat().st_mode & 0o777 == 0o600
