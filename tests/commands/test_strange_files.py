"""Pipes and very large files where a workbook is expected end no command and hang none."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.errors import FileError
from ledgerbook.intake.archives import MAX_ARCHIVE_BYTES
from ledgerbook.storage.folders import read_file_bytes, read_password_file
from tests.support.books import DONE, OFFICE, fill, issued, make_book

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")

SUMMARY = Path("汇总", "2022年度汇总.xlsx")
COLLECT = ("collect", "台账.xlsx", "收回", "--as-of", "2022-12-20")
GENERATE = ("generate", "台账.xlsx")
Run = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _end_what_hangs() -> Iterator[None]:
    """Fail after a minute: who reads a pipe into which nobody writes waits for ever."""

    def fail(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("the command hangs")

    previous = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command beside a book and a return."""
    book = make_book()
    (tmp_path / "收回").mkdir()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    (tmp_path / "收回" / "好.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))
    monkeypatch.chdir(tmp_path)

    def run_command(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words])
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    return run_command


def put_pipe(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "command"),
    [
        (SUMMARY, COLLECT),
        (SUMMARY.with_name("2022上报汇总.xlsx"), COLLECT),
        (SUMMARY.parent / "退回修改" / f"{OFFICE}.xlsx", COLLECT),
        (Path("发出", "年度", f"{OFFICE}.xlsx"), GENERATE),
        (Path("发出", "年度", "填报通知.docx"), GENERATE),
        (Path("发出", "年度", "旧.eml"), GENERATE),
    ],
    ids=str,
)
def test_pipe_in_place_of_an_output_is_told(run: Run, path: Path, command: tuple[str, ...]) -> None:
    put_pipe(path)
    code, said = run(*command)
    assert code == 2
    assert f"“{path}”读不了（它不是普通的文件" in said


@pytest.mark.slow
@pytest.mark.parametrize("size", [None, MAX_ARCHIVE_BYTES + 1], ids=["pipe", "large"])
def test_state_of_a_folder_is_told_beside_what_is_never_read(run: Run, size: int | None) -> None:
    strange = Path("收回", "怪.xlsx")
    if size is None:
        put_pipe(strange)
    else:
        with strange.open("wb") as stream:
            stream.truncate(size)
    assert "2 个文件" in run()[1]
    run(*COLLECT)
    assert "之后又收到" not in run()[1]


def test_what_cannot_be_read_as_a_whole_is_refused(tmp_path: Path) -> None:
    put_pipe(tmp_path / "管道")
    with (tmp_path / "大").open("wb") as stream:
        stream.truncate(MAX_ARCHIVE_BYTES + 1)
    for name in ("管道", "大"):
        with pytest.raises(FileError, match="不是普通的文件"):
            read_file_bytes(tmp_path / name, "模板")


def test_passwords_may_come_through_a_pipe() -> None:
    """A shell passes the output of a password store so: ``--password-file <(…)``."""
    reader, writer = os.pipe()
    os.write(writer, "第一\n第二\n".encode())
    os.close(writer)
    try:
        assert read_password_file(Path(f"/dev/fd/{reader}")) == ("第一", "第二")
    finally:
        os.close(reader)
