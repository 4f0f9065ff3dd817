"""The guard: every file that is no .xlsx gets the message its sender needs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.intake import file_check
from ledgerbook.model.problems import Place, Problem
from ledgerbook.storage.file_names import is_leftover

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
NOISE = random.Random(7).randbytes(4096)  # noqa: S311  no secret, only noise

BOARD = '<!doctype html>\n<meta name="keywords" content="ledgerbook;kind=看板">'.encode()
XML_BOOK = b'<?xml version="1.0"?><x xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


def stream(name: str) -> bytes:
    """Name a stream as an OLE directory does."""
    return name.encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("科室.xlsx", b"", "file-empty"),
        ("科室", b"", "file-empty"),
        ("新建文本文档.txt", b"", "file-other-type"),
        ("Thumbs.db", b"", "file-other-type"),
        (".DS_Store", b"", "file-skipped"),
        ("说明.doc", OLE + stream("WordDocument"), "file-document"),
        ("Thumbs.db", OLE, "file-other-type"),
        ("科室.xlsx", b"<html><table/></html>", "file-html"),
        ("科室.xls", b"\n  <!DOCTYPE html>", "file-html"),
        ("看板.html", BOARD, "file-not-return"),
        ("看板(1).xls", BOARD, "file-not-return"),
        ("科室.xls", b"\xef\xbb\xbf<table></table>", "file-html"),
        ("科室.xml", XML_BOOK, "file-old-format"),
        ("科室.fods", b'<?xml?><x t="opendocument.spreadsheet"/>', "file-old-format"),
        ("科室.csv", "序号，状态\n1，已完成\n".encode(), "file-text"),
        ("科室.csv", "序号，状态\n1，已完成\n".encode("gb18030"), "file-text"),
        ("科室.csv", "序号\t状态\n".encode("utf-16"), "file-text"),
        ("科室.csv", ("," + "完" * 3000).encode(), "file-text"),
        ("科室.csv", ("," + "完" * 3000).encode("gb18030"), "file-text"),
        ("科室.xlsx", b"x", "file-text"),
        ("科室.xlsx", b"%PDF-1.7", "file-pdf"),
        ("盖章扫描件.pdf", b"%PDF-1.7", "file-pdf"),
        ("报送.rar", b"Rar!\x1a\x07\x01\x00", "file-archive"),
        ("报送.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "file-archive"),
        ("科室.xlsx", NOISE, "file-damaged"),
        ("科室.xlsx", b"\xff\x81", "file-damaged"),
        ("照片.jpg", b"\xff\xd8\xff\xe0", "file-other-type"),
        ("照片.xlsx", b"\xff\xd8\xff\xe0", "file-picture"),
        ("照片.xlsx", b"BM6\0\0\0", "file-picture"),
        ("说明.txt", "请查收".encode(), "file-other-type"),
        ("~$科室.xlsx", b"\x04user", "file-skipped"),
        (".~lock.科室.xlsx#", b",user,", "file-skipped"),
        (".~科室.xlsx", b"PK", "file-skipped"),
        ("._科室.xlsx", b"\x00\x05\x16\x07", "file-skipped"),
        ("收回/子文件夹/~$科室.xlsx", b"", "file-skipped"),
        ("收回.zip/__MACOSX/科室.xlsx", b"PK", "file-skipped"),
    ],
)
def test_says_what_a_file_is(name: str, data: bytes, code: str) -> None:
    """The first bytes decide, and each kind of file has a message of its own."""
    found = file_check.find_file_problem(name, data)
    assert found is not None
    assert (found.code, found.place) == (code, Place(name))
    assert found.message
    assert found.advice


def test_lets_a_zip_through_under_any_name() -> None:
    """A workbook kept under a wrong extension is still looked at."""
    assert file_check.find_file_problem("科室.dat", b"PK\x03\x04") is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("科室.xls", OLE + stream("Workbook")),
        ("科室.et", OLE),
        ("没有扩展名", OLE + stream("Workbook")),
        ("科室", OLE + stream("EncryptedPackage")),
    ],
)
def test_lets_through_what_may_be_an_old_or_locked_workbook(name: str, data: bytes) -> None:
    """Only opening its container tells what is in one."""
    assert file_check.find_file_problem(name, data) is None


def test_refuses_a_table_too_large_for_a_return() -> None:
    """A table over 50 MB is refused with its size and the limit."""
    size = file_check.MAX_FILE_SIZE + 2**20
    assert file_check.find_file_problem("科室.xlsx", b"PK\x03\x04", size) == Problem(
        "file-too-large", Place("科室.xlsx"), {"detail": "51 MB，上限 50 MB"}
    )
    assert (
        file_check.find_file_problem("科室.xlsx", b"PK\x03\x04", file_check.MAX_FILE_SIZE) is None
    )


def test_a_large_film_is_no_table() -> None:
    """Evidence of another type is passed over whatever its size."""
    assert file_check.find_file_problem(
        "现场.mp4", b"\0\0\0 ftyp", file_check.MAX_FILE_SIZE + 1
    ) == Problem("file-other-type", Place("现场.mp4"))


@given(st.text(max_size=20), st.binary(max_size=200))
def test_never_raises(name: str, data: bytes) -> None:
    """Whatever the bytes, the answer is a problem, or none for a container."""
    if file_check.find_file_problem(name, data) is None:
        assert data.startswith((b"PK", OLE[:8]))
        assert not is_leftover(name)
