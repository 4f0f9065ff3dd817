"""Disks that fail at any step of a collect: old or new, whole, and a plain word."""

from __future__ import annotations

import errno
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import openpyxl
import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import is_temporary_name, make_temporary_name
from tests.support.books import DONE, FINANCE, OFFICE, fill, issued, make_book
from tests.support.sheet_attachments import PNG, attach

pytestmark = pytest.mark.slow

# Larger than the file that a full disk still takes.
_PICTURE = PNG + random.Random(1).randbytes(5_000)  # noqa: S311  no secret
_WRONG = {"status": "不知道", "result": "甲"}
_ENGLISH = re.compile(r"[A-Za-z]{3,}")
_KNOWN = re.compile(r"“[^”]*”|Excel|WPS|xlsx")


def returned(section: str, answer: Mapping[str, Any]) -> bytes:
    book = make_book()
    answers = {task.code: answer for task in book.get_tasks(section)}
    return fill(issued(book, section), answers)


def words(office: Path) -> list[str]:
    found = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    return [*map(str, found), "--as-of", "2022-12-20"]


def collect(office: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main(words(office))
    return int(str(caught.value.code)), capsys.readouterr().err


def outputs(office: Path) -> dict[str, bytes]:
    """Return every output, litter included, by its way from the folder."""
    folder = office / "汇总"
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give an office before and after a collect: one output each new, changed, gone."""
    old = tmp_path_factory.mktemp("旧") / "办公"
    (old / "收回").mkdir(parents=True)
    (old / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    (old / "收回" / "综合.xlsx").write_bytes(returned(OFFICE, _WRONG))
    with pytest.raises(SystemExit):
        main(words(old))
    (old / "收回" / "综合.xlsx").write_bytes(returned(OFFICE, DONE))
    pictured = attach(returned(FINANCE, _WRONG), pictures={(6, 9): _PICTURE})
    (old / "收回" / "金融.xlsx").write_bytes(pictured)
    new = tmp_path_factory.mktemp("新") / "办公"
    shutil.copytree(old, new)
    with pytest.raises(SystemExit):
        main(words(new))
    assert set(outputs(old)) == {"2022年度汇总.xlsx", "看板.html", f"退回修改/{OFFICE}.xlsx"}
    made = {Path(name).parts[0] for name in outputs(new)}
    assert made == {"2022年度汇总.xlsx", "看板.html", "退回修改", "佐证材料"}
    assert f"退回修改/{FINANCE}.xlsx" in outputs(new)
    assert _PICTURE in outputs(new).values()
    return old, new


@pytest.fixture
def office(states: tuple[Path, Path], tmp_path: Path) -> Path:
    """Give an office of its own, with the old outputs in it."""
    shutil.copytree(states[0], tmp_path / "办公")
    return tmp_path / "办公"


def restore(office: Path, old: Path) -> None:
    shutil.rmtree(office / "汇总")
    shutil.copytree(old / "汇总", office / "汇总")


def mixed(found: Mapping[str, bytes], old: Path, new: Path) -> list[str]:
    """Return the outputs that are neither the old nor the new, whole."""
    before, after = outputs(old), outputs(new)
    return [
        name
        for name in {*found, *before, *after}
        if found.get(name) not in (before.get(name), after.get(name))
    ]


# -- the N-th step fails ------------------------------------------------------------


class Disk:
    """The system's calls upon one folder; the N-th, or all from it on, may fail.

    The calls are those that :mod:`ledgerbook.storage.atomic` makes, directly or through
    pathlib and tempfile; calls upon other folders pass.
    """

    CALLS = ("open", "mkdir", "chmod", "replace", "unlink")

    def __init__(self, folder: Path, fails: int, code: int, *, lasting: bool) -> None:
        self._folder, self._code, self._lasting = str(folder), code, lasting
        self._fails, self.steps = fails, 0
        self._handles: set[int] = set()
        self.failed: list[str] = []

    def step(self, name: str) -> None:
        self.steps += 1
        due = self.steps >= self._fails if self._lasting else self.steps == self._fails
        if due:
            self.failed.append(name)
            raise OSError(self._code, os.strerror(self._code))

    def upon_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **more: Any) -> Any:
            ours = str(path).startswith(self._folder)
            if ours:
                self.step(name)
            result = real(path, *rest, **more)
            if ours and name == "open":
                self._handles.add(result)
            return result

        return call

    def fsync(self, handle: int) -> None:
        if handle in self._handles:
            self.step("fsync")
        _fsync(handle)

    def fdopen(self, handle: int, *rest: Any, **more: Any) -> Any:
        stream = _fdopen(handle, *rest, **more)
        return Stream(stream, self) if handle in self._handles else stream


class Stream:
    """A file of which a write may fail half way."""

    def __init__(self, stream: Any, disk: Disk) -> None:
        self._stream, self._disk = stream, disk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, data: bytes) -> None:
        self._stream.write(data[: len(data) // 2])
        self._disk.step("write")
        self._stream.write(data[len(data) // 2 :])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_fdopen, _fsync = os.fdopen, os.fsync


@contextmanager
def failing(disk: Disk) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in Disk.CALLS:
            patch.setattr(os, name, disk.upon_path(name, getattr(os, name)))
        patch.setattr(os, "fsync", disk.fsync)
        patch.setattr(os, "fdopen", disk.fdopen)
        yield


CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EBUSY)
# Steps whose failure changes nothing: rights, and what makes the rename durable.
HARMLESS = {"chmod", "fsync", "open", "mkdir"}


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_any_step_may_fail(
    states: tuple[Path, Path],
    office: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    lasting: bool,
) -> None:
    """For every N: each output is the old or the new one, and one message says why."""
    old, new = states
    told: set[str] = set()
    for number in range(1, 100):
        restore(office, old)
        code = CODES[number % len(CODES)]
        disk = Disk(office / "汇总", number, code, lasting=lasting)
        with failing(disk):
            status, said = collect(office, capsys)
        found = outputs(office)
        litter = {name for name in found if is_temporary_name(Path(name).name)}
        assert lasting or not litter, disk.failed
        whole = {name: data for name, data in found.items() if name not in litter}
        assert mixed(whole, old, new) == [], disk.failed
        told.update(disk.failed[:1])
        if not disk.failed:
            assert whole == outputs(new)
            break
        if status == 2:
            assert plain(said), said
        else:
            assert set(disk.failed) <= HARMLESS
            assert whole == outputs(new)
    assert told == {*Disk.CALLS, "write", "fsync"}
    assert number > 12


def plain(said: str) -> bool:
    """Whether ``said`` is one line of Chinese without English words or a traceback."""
    one = len(said.splitlines()) == 1 and said.startswith(("文件“", "原有的“"))
    return one and not _ENGLISH.search(_KNOWN.sub("", said))


def test_what_could_be_written_is_said(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When only the corrections cannot be written, the summary is said to be done."""
    disk = Disk(office / "汇总" / "退回修改", 1, errno.ENOSPC, lasting=True)
    with failing(disk):
        status, said = collect(office, capsys)
    assert status == 2
    assert said.endswith(
        f"年度汇总“{office}/汇总/2022年度汇总.xlsx”已经写好，"
        "只有“退回修改”还不全，再运行一次就能补上。\n"
    )


# -- outputs that cannot be replaced ------------------------------------------------


@pytest.mark.parametrize("name", ["2022年度汇总.xlsx", f"退回修改/{FINANCE}.xlsx"])
def test_an_output_open_in_excel(
    states: tuple[Path, Path],
    office: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Windows refuses to replace a file that is open: the message says what to do."""
    target = office / "汇总" / name
    real = os.replace

    def refuse(source: Any, goal: Any, **more: Any) -> None:
        if Path(goal) == target:
            raise PermissionError(errno.EACCES, "in use", str(goal))
        real(source, goal, **more)

    monkeypatch.setattr(os, "replace", refuse)
    status, said = collect(office, capsys)
    assert (status, plain(said)) == (2, True)
    assert f"文件“{target}”写不进去。它可能正在 Excel 或 WPS 中打开" in said
    assert mixed(outputs(office), *states) == []


def test_a_file_in_the_folders_place(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output folder that is a file is left alone."""
    shutil.rmtree(office / "汇总")
    (office / "汇总").write_bytes(b"a file")
    status, said = collect(office, capsys)
    assert (status, plain(said)) == (2, True)
    assert (office / "汇总").read_bytes() == b"a file"


def test_a_folder_in_the_summarys_place(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that bears the summary's name is neither read nor replaced."""
    target = office / "汇总" / "2022年度汇总.xlsx"
    target.unlink()
    target.mkdir()
    status, said = collect(office, capsys)
    assert (status, plain(said)) == (2, True)
    assert target.is_dir()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_may_not_be_written(
    states: tuple[Path, Path], office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A read-only folder keeps what it has."""
    (office / "汇总").chmod(0o555)
    status, said = collect(office, capsys)
    (office / "汇总").chmod(0o755)
    assert (status, plain(said)) == (2, True)
    assert mixed(outputs(office), *states) == []


# -- real processes -----------------------------------------------------------------


def started(office: Path, shell: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*shell, sys.executable, "-m", "ledgerbook", *words(office)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if shell else subprocess.DEVNULL,
        start_new_session=True,
        env={**_UNMEASURED, "PYTHONUTF8": "1"},
    )


# What measures coverage would want a file of its own, on a disk that is full.
_UNMEASURED = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}


@pytest.mark.skipif(os.name == "nt", reason="limits exist on POSIX only")
def test_a_full_disk(states: tuple[Path, Path], office: Path) -> None:
    """No file may grow: nothing is lost, and the disk is said to be full."""
    limited = ("sh", "-c", 'trap "" XFSZ; ulimit -f 4; exec "$0" "$@"')
    process = started(office, limited)
    said = process.communicate(timeout=60)[1].decode()
    assert (process.returncode, plain(said)) == (2, True)
    assert "磁盘" in said
    assert outputs(office) == outputs(states[0])


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_killed_at_any_time(states: tuple[Path, Path], office: Path) -> None:
    """A kill -9 leaves the old or the new; the next run is none the worse for it."""
    old, new = states
    start = time.monotonic()
    assert started(office).wait(60) == 1
    whole = time.monotonic() - start
    assert outputs(office) == outputs(new)
    chance = random.Random(5)  # noqa: S311  any moments will do
    ends: set[str] = set()
    for number in range(12):
        restore(office, old)
        process = started(office)
        # Most of the moments lie in the last part, where files are written.
        share = chance.uniform(0.6, 1.05) if number > 3 else chance.random()
        try:
            process.wait(whole * share)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        found = outputs(office)
        kept = {n: data for n, data in found.items() if not is_temporary_name(Path(n).name)}
        assert mixed(kept, old, new) == []
        summary = kept["2022年度汇总.xlsx"]
        assert "总览" in openpyxl.load_workbook(io.BytesIO(summary)).sheetnames
        ends.add("new" if summary == outputs(new)["2022年度汇总.xlsx"] else "old")
    assert "old" in ends
    assert started(office).wait(60) == 1
    kept = {n: d for n, d in outputs(office).items() if not is_temporary_name(Path(n).name)}
    assert kept == outputs(new)


def test_what_a_killed_run_left_is_swept_up(tmp_path: Path) -> None:
    """Litter of a killed run goes with the next write; what runs or is another's stays."""
    old, young = tmp_path / make_temporary_name(), tmp_path / make_temporary_name()
    others = [tmp_path / ".ledgerbook-notes.xlsx", tmp_path / ".ledgerbook-abcdefghi"]
    for path in (old, young, *others):
        path.write_bytes(b"half")
    hours_ago = time.time() - 7200
    for path in (old, *others):
        os.utime(path, (hours_ago, hours_ago))
    atomic.write_file(tmp_path / "a.xlsx", b"data")
    assert set(tmp_path.iterdir()) == {young, *others, tmp_path / "a.xlsx"}


def test_litter_among_returns_is_no_return(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A half-written file in the folder of returns is passed over, not a problem."""
    (office / "收回" / make_temporary_name()).write_bytes(b"PK\3\4half")
    assert collect(office, capsys) == (1, "")
