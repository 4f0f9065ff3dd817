"""Attack files in a folder beside two good returns: no file can hurt a run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.cli import json_data, render
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.worker_pool import read_files
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import AssignmentResult, FileStatus, Ledger
from ledgerbook.storage.folders import find_files
from ledgerbook.summary import write_summary
from tests.support.attack_files import names
from tests.support.attack_files.base import Attack, genuine
from tests.support.attack_files.cells import CELLS
from tests.support.attack_files.measure import NOTES, measured, note_of
from tests.support.attack_files.other_formats import OTHERS
from tests.support.attack_files.xml_parts import XMLS
from tests.support.attack_files.zips import ZIPS
from tests.support.books import (
    AS_OF,
    FINANCE,
    INDUSTRY,
    OFFICE,
    fill,
    issued,
    make_book,
)
from tests.support.failing_readers import delete_file_and_die

# The corpus is collected once: every test of it runs in the same process.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]

BOOK = make_book()
ATTACKS: tuple[Attack, ...] = (*ZIPS, *OTHERS, *XMLS, *CELLS)
GOOD = {f"{section}报送.xlsx": section for section in (OFFICE, FINANCE)}
ODD_NAMES = (*names.NAMES, names.NOT_UTF8)

# Latin letters that a sentence for a clerk may have.
_KNOWN = re.compile(
    r"SHA-256：[0-9a-f]{64}|\.?(xlsx|xls|et|ods|csv|Excel|CSV|PDF|XML|MB|WPS|Word)", re.IGNORECASE
)
_ENGLISH = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True)
class Run:
    """One collection of the whole corpus."""

    reads: Mapping[str, FileContent]
    ledger: Ledger
    odd: Mapping[str, set[str]]
    seconds: float
    costs: Mapping[str, dict[str, float]]


def good(section: str) -> bytes:
    answers = {
        task.code: {"status": "推进中", "result": f"{section}·{task.code}·result"}
        for task in BOOK.get_tasks(section)
    }
    return fill(issued(BOOK, section), answers)


def put_good(folder: Path) -> None:
    for name, section in GOOD.items():
        (folder / name).write_bytes(good(section))


def rows_of(ledger: Ledger) -> list[AssignmentResult]:
    return [row for row in ledger.assignment_results if row.section in GOOD.values()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Collect every attack at once, through the real pool with its usual limits."""
    folder = tmp_path_factory.mktemp("攻击") / "收回"
    folder.mkdir()
    (folder.parent / NOTES).mkdir()
    put_good(folder)
    for attack in ATTACKS:
        (folder / attack.name).write_bytes(attack.build())
    for name in ODD_NAMES:
        (folder / name).write_bytes(genuine())
    odd = names.odd_things(folder)
    start = time.monotonic()
    reads = read_files(find_files([folder]), BOOK, AS_OF, reader=measured)
    seconds = time.monotonic() - start
    costs = {
        read.report.name: json.loads(note.read_text())
        for read in reads
        if (note := note_of(folder, read.report.name)).exists()
    }
    named = {read.report.name: read for read in reads}
    return Run(named, merge_returns(BOOK, reads, AS_OF), odd, seconds, costs)


def test_there_is_no_want_of_attacks() -> None:
    """The corpus has its many kinds, each under a name of its own."""
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 140


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gives_its_plain_problems(run: Run, attack: Attack) -> None:
    """Each file gives exactly the problems expected of it, or is read whole."""
    read = run.reads[attack.name]
    codes = frozenset(problem.code for problem in read.problems)
    assert codes in attack.allowed, [problem.message for problem in read.problems]
    # A file is refused as a whole with one sentence, or its answers are taken.
    assert len(read.rows) == 4 if read.rows else len(read.problems) == 1
    if not codes:
        assert sum(len(row.answers) for row in read.rows) == read.filled_count == 12


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_attack_shows_a_clerk_english(run: Run, attack: Attack) -> None:
    """No exception's text, no class name, no traceback in what is told."""
    for problem in run.reads[attack.name].problems[:20]:
        sentence = problem.message.replace(problem.raw, "") + problem.advice
        assert not _ENGLISH.findall(_KNOWN.sub("", sentence)), sentence


def test_no_answer_is_invented(run: Run) -> None:
    """What was read of any attack stands where its sender wrote it."""
    for attack in ATTACKS:
        for row in run.reads[attack.name].rows:
            for key in ("result", "note"):
                text = row.answers[key].text if key in row.answers else ""
                own = f"{INDUSTRY}·{row.task}·{key}"
                # The first task's result is where attacks put their own values.
                assert text in ("", own) or (row.task, key) == ("T01", "result")


def test_neighbours_are_read_as_if_alone(run: Run, tmp_path: Path) -> None:
    """The two good returns give the very same beside all attacks as by themselves."""
    put_good(tmp_path)
    alone = merge_returns(BOOK, read_files(find_files([tmp_path]), BOOK, AS_OF), AS_OF)
    assert rows_of(run.ledger) == rows_of(alone)
    assert sum(len(row.answers) for row in rows_of(alone)) == 2 * (4 + 4)
    for name in GOOD:
        (mine,) = [file for file in run.ledger.file_reports if file.name == name]
        (theirs,) = [file for file in alone.file_reports if file.name == name]
        assert mine == theirs
        assert not run.reads[name].problems


def test_every_file_stands_once_in_the_report(run: Run) -> None:
    """Promise: every file appears once, with its size and its sum."""
    inside = tuple(f"{attack.name}/" for attack in ATTACKS)
    names_of = [file.name for file in run.ledger.file_reports]
    # What is in an archive may be listed as files of their own.
    listed = [name for name in names_of if not name.startswith(inside)]
    expected = [a.name for a in ATTACKS] + [*ODD_NAMES, *run.odd, *GOOD]
    assert sorted(listed) == sorted(expected)
    assert run.ledger.cell_balance.is_balanced
    for file in run.ledger.file_reports:
        regular = file.name not in run.odd and file.name != "环/回到上面"
        assert bool(file.sha256) is regular, file.name


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_genuine_return_is_read_under_any_name(run: Run, name: str) -> None:
    """Names with line ends, escapes, emoji or reversals change nothing."""
    read = run.reads[name]
    assert (len(read.rows), read.problems) == (4, ())


def test_what_is_no_file_is_told(run: Run) -> None:
    """Pipes, dead links, links in a circle and forbidden files: a problem each."""
    for name, codes in run.odd.items():
        assert {problem.code for problem in run.reads[name].problems} == codes
    assert run.odd


def test_nothing_takes_too_long(run: Run, record_property: Callable[[str, object], None]) -> None:
    """The whole corpus is read in the time allowed to one file."""
    slowest = sorted(run.costs.items(), key=lambda c: -c[1]["seconds"])[:3]
    peak = max(cost["peak"] for cost in run.costs.values())
    told = "；".join(f"{name} {cost['seconds']:.1f} s" for name, cost in slowest)
    record_property("slowest", f"{told}; all {run.seconds:.1f} s; {peak // 1024} MiB")
    assert slowest[0][1]["seconds"] < 30, told
    assert peak < 2**20, told  # KiB
    # Only what died by itself has no cost noted.
    died = set(run.reads) - set(run.costs)
    assert died <= {"合并乱写.xlsx"}


def test_the_outcome_can_be_written_and_told(run: Run) -> None:
    """Whatever stands in names and cells, summary, corrections and report are made."""
    assert write_summary(run.ledger).startswith(b"PK")
    assert all(file.data.startswith(b"PK") for file in build_corrections(run.ledger))
    for line in render.describe_ledger(run.ledger):
        assert not re.search("[\\x00-\\x1f\\x7f]", line), line
        assert len(line) < 1000
    assert json.dumps(json_data.build_ledger_data(run.ledger, ()))


def test_a_file_that_vanishes_under_a_dying_reader(tmp_path: Path) -> None:
    """A file gone, and its reader dead: still one problem, and no traceback."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(genuine())
    (read,) = read_files({"a.xlsx": path}, BOOK, AS_OF, reader=delete_file_and_die)
    assert [problem.code for problem in read.problems] == ["file-unreadable"]
    assert (read.report.size, read.report.status) == (0, FileStatus.REJECTED)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_odd_names_can_be_told_on_any_terminal(
    tmp_path: Path, encoding: str, form: tuple[str, ...]
) -> None:
    """A name that the terminal cannot show, or that commands it, stops no run."""
    (tmp_path / "收回").mkdir()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(BOOK))
    for name in ("\x1b[31m\n假.xlsx", "表情😀.xlsx", "倒\u202e写.xlsx", names.NOT_UTF8):
        (tmp_path / "收回" / name).write_bytes(b"")
    words = ("collect", "台账.xlsx", "收回", "--dry-run", "--as-of", "2022-12-20")
    done = subprocess.run(
        [sys.executable, "-m", "ledgerbook", *words, *form],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "\x1b" not in said
    if not form:
        (line,) = (line for line in said.splitlines() if line.startswith("  · "))
        assert "等 4 处" in line
        assert "\u202e" not in said
