"""Passwords of locked returns: from a file, or asked for, so that no command line has them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from ledgerbook.cli.app import main
from ledgerbook.errors import FileError
from ledgerbook.storage.folders import read_password_file
from tests.support.books import DONE, OFFICE, fill, issued, make_book
from tests.support.workbook_formats import encrypt

PASS = "密 码123"  # noqa: S105  of a workbook of this test


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    path = tmp_path / "综合科.xlsx"
    path.write_bytes(encrypt(fill(issued(make_book(), OFFICE), {"T01": DONE}), PASS))
    return path


def check(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> str:
    """Check a workbook; return what was printed."""
    with pytest.raises(SystemExit):
        main(["check", str(path), "--as-of", "2022-12-20", *words])
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_password_may_be_in_a_file(
    capsys: pytest.CaptureFixture[str], locked: Path, tmp_path: Path, encoding: str
) -> None:
    """One a line, as Notepad writes it; several files and options count together."""
    file = tmp_path / "密码.txt"
    file.write_bytes(f"别的\r\n\r\n{PASS}\r\n".encode(encoding))
    said = check(capsys, locked, "--password", "不对", "--password-file", str(file))
    assert "填了 1 项" in said
    assert PASS not in said
    assert "填了" not in check(capsys, locked, "--password", "不对")


@pytest.mark.slow
def test_a_password_may_be_asked_for(
    capsys: pytest.CaptureFixture[str], locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not shown while it is typed."""
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return PASS

    monkeypatch.setattr(click.termui, "hidden_prompt_func", answer)
    said = check(capsys, locked, "--ask-password")
    assert asked == ["打开密码（输入时不显示）: "]
    assert "填了 1 项" in said
    assert PASS not in said


def test_a_password_file_that_cannot_be_read_is_named(
    capsys: pytest.CaptureFixture[str], locked: Path, tmp_path: Path
) -> None:
    """In one sentence, before any return is read."""
    assert check(capsys, locked, "--password-file", str(tmp_path / "没有.txt")) == (
        f"密码文件“{tmp_path / '没有.txt'}”读不了（文件已经不在了）。\n"
    )
    (tmp_path / "乱.txt").write_bytes(b"\xff\xff\xff")
    with pytest.raises(FileError, match="不是文本文件"):
        read_password_file(tmp_path / "乱.txt")
