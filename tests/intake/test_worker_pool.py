"""Worker processes: one file may die in any way, the others are read all the same."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file
from ledgerbook.intake.worker_pool import ReadLimits, read_files
from ledgerbook.model import Book
from ledgerbook.model.results import FileStatus
from ledgerbook.parallel import PIPELINE_MODULE, make_process_context
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued
from tests.support.failing_readers import fail_by_name


@pytest.fixture(scope="module")
def good(book: Book) -> bytes:
    return fill(issued(book, OFFICE), {"T01": DONE})


def files(folder: Path, data: bytes, *names: str) -> dict[str, Path]:
    for name in names:
        (folder / name).write_bytes(data)
    return {name: folder / name for name in names}


def test_workers_read_what_one_process_reads(tmp_path: Path, book: Book, good: bytes) -> None:
    """The result is the same as without workers, in the order of the files."""
    given = files(tmp_path, good, "乙.xlsx", "甲.xlsx")
    (tmp_path / "空.xlsx").write_bytes(b"")
    given["空.xlsx"] = tmp_path / "空.xlsx"
    strange = Workbook()
    strange.active["A1"] = "另建的表"
    strange.save(tmp_path / "另表.xlsx")
    given["另表.xlsx"] = tmp_path / "另表.xlsx"
    alone = [
        read_file(FileSource(name, path), ReadContext(book, AS_OF)) for name, path in given.items()
    ]
    assert read_files(given, book, AS_OF) == alone
    assert (alone[-1].problems[0].code, alone[-1].foreign_count) == ("foreign-workbook", 1)


@pytest.mark.slow
def test_workers_start_anew_where_nothing_can_be_forked(
    tmp_path: Path, book: Book, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows each worker is a new interpreter, and all that it gets is pickled."""
    given = files(tmp_path, good, "raise.xlsx", "甲.xlsx")
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert make_process_context(PIPELINE_MODULE).get_start_method() == "spawn"
    raising, sound = read_files(given, book, AS_OF, reader=fail_by_name)
    assert "ZeroDivisionError" in raising.problems[0].message
    assert sound == read_file(FileSource("甲.xlsx", given["甲.xlsx"]), ReadContext(book, AS_OF))


def test_no_files_need_no_workers(book: Book) -> None:
    """An empty folder is read at once."""
    assert read_files({}, book, AS_OF) == []


@pytest.mark.slow
def test_the_limit_is_computing_time(tmp_path: Path, book: Book, good: bytes) -> None:
    """A file that computes too long is refused; one that only waits is read."""
    given = files(tmp_path, good, "compute.xlsx", "wait.xlsx", "a.xlsx")
    limits = ReadLimits(cpu_seconds=1, seconds=60, processes=1)
    start = time.monotonic()
    computing, waiting, sound = read_files(given, book, AS_OF, limits=limits, reader=fail_by_name)
    assert time.monotonic() - start < 30
    message = "文件读不出来（内容过于复杂，超过时间仍没有读完）。"
    assert [problem.message for problem in computing.problems] == [message]
    assert computing.report.sha256 == sound.report.sha256
    assert waiting.rows[0].answers.keys() == sound.rows[0].answers.keys()


@pytest.mark.slow
def test_a_dying_worker_harms_only_its_own_file(tmp_path: Path, book: Book, good: bytes) -> None:
    """Killed, aborted, hung, over its memory, raising: one problem each, no more."""
    deeds = ("abort", "eat", "hang", "kill", "raise")
    names = [f"{name}.xlsx" for name in ("a", *deeds, "z")]
    given = files(tmp_path, good, *names)
    start = time.monotonic()
    limits = ReadLimits(seconds=3, processes=2)
    reads = read_files(given, book, AS_OF, limits=limits, reader=fail_by_name)
    assert time.monotonic() - start < 30
    assert [read.report.name for read in reads] == names
    sound = read_file(FileSource("a.xlsx", given["a.xlsx"]), ReadContext(book, AS_OF))
    assert reads[0] == sound
    assert reads[-1].rows[0].answers.keys() == sound.rows[0].answers.keys()
    said = {
        read.report.name: [problem.message for problem in read.problems] for read in reads[1:-1]
    }
    assert said == {
        "abort.xlsx": ["文件读不出来（读表程序中途退出，文件很可能已损坏）。"],
        "eat.xlsx": ["文件读不出来（内容过大，超出内存上限）。"],
        "hang.xlsx": ["文件读不出来（内容过于复杂，超过时间仍没有读完）。"],
        "kill.xlsx": ["文件读不出来（读表程序中途退出，文件很可能已损坏）。"],
        "raise.xlsx": [
            "程序有错，不是表的问题：读这份文件时程序自己出了错（错误代号 ZeroDivisionError），"
            "内容没有汇入。"
        ],
    }
    for read in reads[1:-1]:
        is_fault = read.report.name == "raise.xlsx"
        assert read.report.status is (FileStatus.NOT_READ if is_fault else FileStatus.REJECTED)
        assert bool(read.report.fault) == is_fault
        assert (read.report.size, read.report.sha256) == (
            sound.report.size,
            sound.report.sha256,
        )
