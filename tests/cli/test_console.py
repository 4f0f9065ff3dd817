"""Consoles that know few characters: nothing crashes, and Chinese stays Chinese."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli.console import format_json
from ledgerbook.model import AssignmentOverride, Role, Section
from tests.support.books import DONE, FINANCE, OFFICE, fill, issued, make_book

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.txt"
# Neither GBK nor GB18030's two bytes have the one; only Unicode has the other.
RARE, SMILE = "\U00020bb7", "\U0001f600"
GBK = {"PYTHONIOENCODING": "gbk"}


def run(
    folder: Path, environment: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a console of its own kind would."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "LANG", "PYTHONIO", "PYTHONUTF8"))
    }
    return subprocess.run(
        [sys.executable, "-m", "ledgerbook", *words],
        cwd=folder,
        env={**plain, **environment},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a book, and returns under names that GBK does not have."""
    folder = tmp_path_factory.mktemp(f"办{SMILE}公")
    book = make_book()
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    (folder / "收回").mkdir()
    wrong = fill(issued(book, OFFICE), {"T01": {**DONE, "status": f"差{SMILE}"}})
    (folder / "收回" / f"综合{RARE}.xlsx").write_bytes(wrong)
    good = {task.code: DONE for task in book.get_tasks(FINANCE)}
    (folder / "收回" / f"金融{SMILE}.xlsx").write_bytes(fill(issued(book, FINANCE), good))
    collected = run(folder, {"PYTHONUTF8": "1"}, *COLLECT)
    assert collected.returncode == 1, collected.stderr.decode()
    return folder


COLLECT = ("collect", "台账.xlsx", "收回", "--as-of", "2022-12-20")
COMMANDS = {
    "init": ("init", str(PLAN), "-o", f"新{SMILE}.xlsx"),
    "preview": ("init", str(PLAN), "--dry-run"),
    "generate": ("generate", "台账.xlsx", "-o", f"发{SMILE}"),
    "collect": COLLECT,
    "check": ("check", "收回"),
    "rollup": ("rollup", "汇总", "-o", f"上级{SMILE}"),
    "report": ("report", "台账.xlsx", "收回", "-o", f"年报{SMILE}.docx"),
    "help": ("--help",),
    "no such book": ("generate", f"没有{RARE}{SMILE}.xlsx"),
    "no such command": ("汇总",),
    "no arguments": (),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_gbk_console_reads_every_command(office: Path, words: tuple[str, ...]) -> None:
    """All that is printed is GBK, and Chinese; what GBK lacks is escaped."""
    done = run(office, GBK, *words)
    said = (done.stdout + done.stderr).decode("gbk")
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in said
    assert "程序内部出错" not in said
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in said) > 10
    lacking = any(SMILE in word for word in words)
    assert ("\\U0001f600" in said) >= lacking


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"PYTHONIOENCODING": "cp936"}, "cp936"),
        ({"PYTHONIOENCODING": "gb18030"}, "gb18030"),
        # These know no Chinese at all.
        ({"PYTHONIOENCODING": "ascii"}, "utf-8"),
        ({"PYTHONIOENCODING": "cp1252:strict"}, "utf-8"),
        ({"LC_ALL": "C"}, "utf-8"),
        ({"LANG": "C"}, "utf-8"),
    ],
    ids=str,
)
def test_other_consoles(office: Path, environment: Mapping[str, str], encoding: str) -> None:
    """Where an encoding has no Chinese there is UTF-8 instead of nothing to read."""
    done = run(office, environment, *COMMANDS["no such book"])
    said = done.stderr.decode(encoding)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said.startswith("找不到台账文件“没有")


def test_json_is_json_on_a_gbk_console(office: Path) -> None:
    """A name that GBK lacks is escaped as JSON has it, so that a program reads it."""
    done = run(office, GBK, *COLLECT, "--dry-run", "--json")
    names = {file["name"] for file in json.loads(done.stdout.decode("gbk"))["files"]}
    assert names == {f"综合{RARE}.xlsx", f"金融{SMILE}.xlsx"}


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8", "gb18030"])
@pytest.mark.parametrize("text", ["综合科", SMILE, "\udcb9"])
def test_json_is_json_in_every_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, text: str
) -> None:
    """Even a name that is no text at all comes back as it was."""
    printed = io.BytesIO()
    out = io.TextIOWrapper(printed, encoding, "backslashreplace")
    monkeypatch.setattr(sys, "stdout", out)
    out.write(format_json({"name": text}))
    out.flush()
    monkeypatch.undo()
    assert json.loads(printed.getvalue().decode(encoding)) == {"name": text}


@pytest.mark.parametrize(
    "text",
    ["甲\x9b31m乙", "倒\u202e写", "\u2066甲\u2069", "\u200e\u200f\u061c", "\u2028\x7f"],
    ids=ascii,
)
def test_json_commands_no_terminal(text: str) -> None:
    """What could colour, clear or turn a terminal is escaped, and is the same to a program."""
    said = format_json({"name": text, "列": [text]})
    assert said.replace("\n", "").isprintable()
    assert json.loads(said) == {"name": text, "列": [text]}


def test_odd_names_of_sections_all_the_way(tmp_path: Path) -> None:
    """Names that disks, Excel and consoles have trouble with go out and come back."""
    names = ("CON", "aux.", "科A", "科a", f"A&B（一）【二】 100%#!{SMILE}", "长" * 90)
    plain = make_book()
    shared = replace(
        plain.tasks[0],
        assignment_overrides=tuple(AssignmentOverride(name, (Role.IMPLEMENT,)) for name in names),
    )
    book = replace(
        plain,
        sections=(*plain.sections, *(Section(name) for name in names)),
        tasks=(shared,),
    )
    folder = tmp_path / "某局（2022）【报】 #1 100% & co" / ".隐藏"
    folder.mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    made = run(folder, GBK, "generate", "台账.xlsx", "--eml")
    assert made.returncode == 0, made.stderr.decode("gbk")
    sheets = {path.stem: path for path in (folder / "发出" / "年度").glob("*.xlsx")}
    assert {"_CON", "_aux", "科A", "科a(2)", "长" * 80} < set(sheets)
    assert f"A&B（一）【二】 100%#!{SMILE}" in sheets
    for path in sheets.values():
        if path.stem not in ("总台账", "签发清单"):
            path.write_bytes(fill(path.read_bytes(), {"T01": DONE}))
    done = run(folder, GBK, "collect", "台账.xlsx", "发出", "--json")
    data = json.loads(done.stdout.decode("gbk"))
    standings = {one["section"]: one["standing"] for one in data["sections"]}
    assert {standings[name] for name in names} == {"已报送"}
