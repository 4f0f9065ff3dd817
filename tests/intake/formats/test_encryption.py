"""Workbooks with a password: opened with one that fits, else told what to do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import cli
from ledgerbook.file_types import read_parts
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import Ledger
from ledgerbook.storage import atomic
from tests.support.books import AS_OF, DONE, FINANCE, fill, make_book
from tests.support.returns import answers, codes, collected, sent
from tests.support.workbook_formats import encrypt

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

SECRET = "口令-Abc123"  # noqa: S105  of this test alone
BOOK = make_book()


@cache
def filled() -> bytes:
    return fill(sent(FINANCE), {"T01": DONE})


@cache
def shut() -> bytes:
    return encrypt(filled(), SECRET)


def read(data: bytes, *passwords: str, name: str = "科室.xlsx") -> Ledger:
    one = read_return(name, data, ReadContext(BOOK, AS_OF, passwords))
    return merge_returns(BOOK, [one], AS_OF)


@pytest.mark.parametrize("name", ["科室.xlsx", "科室.xls", "科室"])
def test_a_fitting_password_opens_it(name: str) -> None:
    """Of several passwords, whichever fits; the answers are those of the open one."""
    found, usual = read(shut(), "错的", SECRET, name=name), collected(filled())
    assert answers(found) == answers(usual)
    assert codes(found) == codes(usual)


def test_a_workbook_locked_for_its_structure_alone_is_open() -> None:
    """Excel locks such a file with a password that every program knows."""
    assert answers(read(encrypt(filled(), "VelvetSweatshop"))) == answers(collected(filled()))


@pytest.mark.parametrize("passwords", [(), ("",), ("错的", "abc")])
def test_tells_both_ways_out(passwords: tuple[str, ...]) -> None:
    """The section takes the password away, or the office gives it to the command."""
    (problem,) = read(shut(), *passwords).problems
    assert problem.code == "file-password"
    assert "取消密码" in problem.advice
    assert "--password" in problem.advice


def test_damage_is_not_taken_for_a_wrong_password() -> None:
    """With the right password, a garbled inside is damage."""
    data = shut().replace(b"<encryption", b"<encryptiom")
    assert codes(read(data, SECRET)) == ["file-damaged"]
    assert codes(read(shut()[:-2048], SECRET)) == ["file-damaged"]


def test_refuses_a_document_type_in_what_tells_of_the_lock() -> None:
    """The lock's own description is XML that nobody vouches for."""
    head = b'<?xml version="1.0"'
    assert head in shut()
    data = shut().replace(head, b"<!DOCTYPE x []>".ljust(len(head)))
    assert codes(read(data, SECRET)) == ["file-suspect"]


def test_the_password_stands_in_no_output(tmp_path: Path) -> None:
    """Neither on the screen nor in any file, whether it fits or not."""
    atomic.write_file(tmp_path / "台账.xlsx", build_book_bytes(BOOK))
    for name, data in (("a", shut()), ("b", encrypt(filled(), "别的"))):
        atomic.write_file(tmp_path / "收回" / f"{name}.xlsx", data)
    places = [str(tmp_path / name) for name in ("台账.xlsx", "收回")]
    words = ["collect", *places, "-o", str(tmp_path / "汇总")]
    for more in (["--dry-run", "--json"], []):
        asked = [*words, *more, "--as-of", "2022-12-20", "--password", SECRET]
        done = CliRunner().invoke(cli, asked, standalone_mode=False)
        assert done.exception is None
        assert "b.xlsx" in done.output
        assert SECRET not in done.output
    made = [path for path in (tmp_path / "汇总").rglob("*") if path.is_file()]
    assert made
    for path in made:
        inside = b"".join(read_parts(path.read_bytes()).values())
        assert "已经办好。".encode() in inside
        assert SECRET.encode() not in inside
