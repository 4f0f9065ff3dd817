"""Whoever sends a file chooses its name: no command lets it command the terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from tests.support.books import make_book

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such names"),
]

NAMES = (
    "红\x1b[31m\x1b]0;x\x07.xlsx",
    "倒\u202exslx.xlsx",
    "控\x9b31m.xlsx",
    "行\r没有问题。.xlsx",
)
COMMANDS = (
    (),
    ("collect", "台账.xlsx", "收回"),
    ("collect", "台账.xlsx", "收回", "--json"),
    ("check", "收回"),
    ("check", "收回", "--book", "台账.xlsx"),
    ("check", f"收回/{NAMES[0]}/没有"),
    ("rollup", "收回"),
    ("report", "台账.xlsx", "收回"),
    ("generate", "台账.xlsx", "--from", "收回"),
    ("generate", f"收回/{NAMES[0]}"),
    ("diagnose", "收回"),
    ("init", f"收回/{NAMES[0]}"),
    ("drop", "check", f"收回/{NAMES[0]}"),
    ("drop", "collect", f"新收的/{NAMES[0]}"),
)
_COMMANDING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_name_commands_the_terminal(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    for folder in ("收回", "新收的"):
        (tmp_path / folder).mkdir()
        for name in NAMES:
            (tmp_path / folder / name).write_bytes(b"PK\x03\x04damaged")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([*command])
    said = capsys.readouterr()
    assert said.out + said.err
    assert not _COMMANDING.findall(said.out + said.err)
