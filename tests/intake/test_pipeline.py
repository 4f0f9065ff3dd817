"""A folder of files → what each gave: every file once, no file harming another."""

from __future__ import annotations

import hashlib
import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.errors import FileError
from ledgerbook.intake import file_check
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file, read_return
from ledgerbook.issue.workbook import issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileStatus
from ledgerbook.storage.folders import find_files
from tests.support.books import AS_OF, DONE, FINANCE, ISSUED_ON, fill, issued, make_book

BOOK = make_book()
GOOD = fill(issued(BOOK, FINANCE), {"T01": DONE})


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# -- finding files ------------------------------------------------------------------


def test_finds_every_file_by_its_way_from_the_folder(tmp_path: Path) -> None:
    """Any names, any subfolder, in an order of their own."""
    b, a = put(tmp_path / "子" / "b.xlsx"), put(tmp_path / "a")
    hidden = put(tmp_path / ".隐藏" / "~$c.xlsx")
    found = find_files([tmp_path])
    assert found == {".隐藏/~$c.xlsx": hidden, "a": a, "子/b.xlsx": b}
    assert list(found) == sorted(found)


def test_takes_single_files_by_their_name(tmp_path: Path) -> None:
    """A file named on the command line is known by its last name."""
    path = put(tmp_path / "收回" / "a.xlsx")
    assert find_files([path]) == {"a.xlsx": path}


def test_a_file_reached_twice_is_listed_once(tmp_path: Path) -> None:
    """A folder, its subfolder and a file in it, all given: each file stands once."""
    path = put(tmp_path / "子" / "a.xlsx")
    given = [path, tmp_path / "子", tmp_path, tmp_path / "子" / ".." / "子"]
    assert list(find_files(given)) == ["子/a.xlsx"]


def test_one_name_in_two_folders_gives_two_names(tmp_path: Path) -> None:
    """Files of one name are told apart, whichever folder is named first."""
    one, two = put(tmp_path / "一" / "a.xlsx"), put(tmp_path / "二" / "a.xlsx")
    three = put(tmp_path / "旧" / "二" / "a.xlsx")
    expected = {"a.xlsx": one, "二/a.xlsx": two, "二(2)/a.xlsx": three}
    folders = [one.parent, two.parent, three.parent]
    assert find_files(folders) == expected
    assert find_files(folders[::-1]) == expected


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    """Nothing returned yet is no error."""
    assert find_files([tmp_path]) == {}


def test_a_folder_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    """A slip in the folder's name is not taken for an empty folder."""
    path = tmp_path / "收会"
    with pytest.raises(FileError) as caught:
        find_files([path])
    assert str(caught.value) == (f"找不到“{path}”。请核对报送表所在的文件夹或文件名。")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limit on paths")
def test_a_folder_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    """A subfolder is never passed over in silence: returns may be in it."""
    top = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):  # deeper than the longest path that can be named
        os.mkdir("d" * 200, dir_fd=top)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(top)
    with pytest.raises(FileError, match=r"读不了（文件名或文件夹的路径太长）。请检查"):
        find_files([tmp_path])


# -- reading one --------------------------------------------------------------------


def test_notes_size_and_sum_of_every_file(tmp_path: Path) -> None:
    """Each file is on record with its bytes, whatever became of it."""
    for data in (GOOD, b"", b"%PDF-1.7"):
        report = read_file(
            FileSource("a", put(tmp_path / "a", data)), ReadContext(BOOK, AS_OF)
        ).report
        assert report.size == len(data)
        assert report.sha256 == hashlib.sha256(data).hexdigest()


def test_a_huge_file_is_refused_and_on_record(tmp_path: Path) -> None:
    """A file over the limit is summed without being taken into memory."""
    path = tmp_path / "大.xlsx"
    with path.open("wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(file_check.MAX_FILE_SIZE + 2**20)
    read = read_file(FileSource("大.xlsx", path), ReadContext(BOOK, AS_OF))
    assert [p.code for p in read.problems] == ["file-too-large"]
    assert (read.report.size, read.report.status) == (
        file_check.MAX_FILE_SIZE + 2**20,
        FileStatus.REJECTED,
    )
    with path.open("rb") as stream:
        whole = hashlib.file_digest(stream, "sha256").hexdigest()
    assert read.report.sha256 == whole


def test_a_file_that_vanished_is_a_problem_of_its_own(tmp_path: Path) -> None:
    """A file gone between listing and reading does not stop the others."""
    read = read_file(FileSource("a.xlsx", tmp_path / "a.xlsx"), ReadContext(BOOK, AS_OF))
    values = {"detail": "文件已经不在了"}
    assert read.problems == (Problem("file-unreadable", Place("a.xlsx"), values),)
    assert read.report.status is FileStatus.REJECTED


@pytest.mark.parametrize(
    "name",
    ["a.xls", "a.et", "a.csv", "a.zip", "a", "a.xlsx.bak", "a.doc", "A.XLSX", "a.pdf"],
)
def test_a_workbook_is_read_under_any_name(name: str) -> None:
    """What a file is decides, and not what it is called."""
    read = read_return(name, GOOD, ReadContext(BOOK, AS_OF))
    usual = read_return("a.xlsx", GOOD, ReadContext(BOOK, AS_OF))
    assert [row.answers.keys() for row in read.rows] == [row.answers.keys() for row in usual.rows]
    assert (read.filled_count, read.problems) == (usual.filled_count, ())


def test_our_own_other_workbooks_are_passed_over() -> None:
    """签发清单 in the folder is no return, and is said to be passed over."""
    files = issue_round(BOOK, BOOK.rounds[0], ISSUED_ON)
    (data,) = [file.data for file in files if file.name == "签发清单.xlsx"]
    read = read_return("签发清单.xlsx", data, ReadContext(BOOK, AS_OF))
    assert read.report.status is FileStatus.SKIPPED
    assert read.report.note == "这是本工具生成的“签发清单”，不是科室报回的表，已跳过。"
    assert (read.rows, read.filled_count) == ((), 0)


# -- bad files among good ones ------------------------------------------------------

BAD = {
    "空.xlsx": b"",
    "网页.xls": b"<html></html>",
    "扫描件.pdf": b"%PDF-1.7",
    "照片.jpg": b"\xff\xd8\xff\xe0",
    "~$在用.xlsx": b"\x04user",
    "半截.xlsx": GOOD[: len(GOOD) // 2],
    "乱码.xlsx": b"PK\x03\x04" + random.Random(3).randbytes(500),  # noqa: S311
}


def test_one_bad_file_never_changes_what_the_others_give() -> None:
    """With or without the bad files, the same rows and outcomes."""
    good = read_return("好.xlsx", GOOD, ReadContext(BOOK, AS_OF))
    bad = [read_return(name, data, ReadContext(BOOK, AS_OF)) for name, data in BAD.items()]
    alone, beside = (
        merge_returns(BOOK, [good], AS_OF),
        merge_returns(BOOK, [*bad, good], AS_OF),
    )
    assert beside.assignment_results == alone.assignment_results
    assert beside.task_summaries == alone.task_summaries
    assert beside.section_reports == alone.section_reports
    assert beside.cell_balance == alone.cell_balance
    assert [f.name for f in beside.file_reports] == sorted([*BAD, "好.xlsx"])
    assert {f.name: f.status for f in beside.file_reports if f.name in BAD} == {
        "空.xlsx": FileStatus.REJECTED,
        "网页.xls": FileStatus.REJECTED,
        "扫描件.pdf": FileStatus.REJECTED,
        "照片.jpg": FileStatus.SKIPPED,
        "~$在用.xlsx": FileStatus.SKIPPED,
        "半截.xlsx": FileStatus.REJECTED,
        "乱码.xlsx": FileStatus.REJECTED,
    }
    assert all(file.note for file in beside.file_reports if file.name in BAD)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8),
    st.integers(0, len(GOOD)),
)
def test_a_damaged_file_is_read_rightly_or_refused(flips: list[tuple[int, int]], end: int) -> None:
    """Bytes flipped or cut off: no traceback, and no answer that nobody gave."""
    data = bytearray(GOOD)
    for at, value in flips:
        data[at] = value
    read = read_return("a.xlsx", bytes(data[: end or None]), ReadContext(BOOK, AS_OF))
    ledger = merge_returns(BOOK, [read], AS_OF)
    assert ledger.cell_balance.is_balanced
    assert "程序有错" not in "".join(p.message for p in read.problems)
    taken = {a.text for row in ledger.assignment_results for a in row.answers.values()}
    assert taken <= {"已完成", "2022-09-30", "已经办好。"}
