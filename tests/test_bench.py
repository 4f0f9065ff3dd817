"""What the bench measures is what it says: every process counts, every return is read."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bench.clients import write_typed_texts
from bench.make_returns import ANSWERS_OF_A_ROW, AS_OF, list_texts, write_returns
from bench.peers import PEERS
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from tests.support.returns import answers

BENCH = Path(__file__).parents[1] / "bench"

# It ends at once; what it started runs on.
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
"""
CHILD_OF_HALF_A_SECOND = """
import time
while time.process_time() < 0.5:
    pass
"""
HOLD_60_MIB = "import time; held = b'x' * 60 * 2**20; time.sleep(1.5)"


def measure(*arguments: str, expected: str = "") -> list[float]:
    """Return CPU seconds and MiB. In a process of its own, which waits for all its children."""
    script = (
        "import measure\n"
        f"cost = measure.run(measure.Command({arguments!r}, {expected!r}))\n"
        "print(cost.cpu, cost.memory)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=BENCH, capture_output=True, text=True, check=True
    )
    return [float(word) for word in process.stdout.split()]


def test_a_process_that_outlives_its_parent_counts() -> None:
    """CPU time of a grandchild that nobody waits for is in the figure."""
    cpu, _ = measure(sys.executable, "-c", PARENT, CHILD_OF_HALF_A_SECOND)
    assert cpu >= 0.5


@pytest.mark.slow
def test_the_memory_of_all_processes_is_added_up() -> None:
    """Two processes of 60 MiB at the same time are 120 MiB, and a little for Python."""
    _, memory = measure(sys.executable, "-c", PARENT + HOLD_60_MIB, HOLD_60_MIB)
    assert 120 < memory < 160


def test_a_command_that_has_not_done_its_work_stops_the_bench() -> None:
    """What does not print what is expected is measured for nothing."""
    with pytest.raises(subprocess.CalledProcessError):
        measure(sys.executable, "-c", "print(29)", expected="30")


def test_typed_texts_are_answers_as_before(tmp_path: Path) -> None:
    """Rich runs, both line ends and pinyin are in the files, and nothing of them in answers."""
    book = write_returns(tmp_path, sections=2, rows=2)
    paths = sorted((tmp_path / "收回").iterdir())
    typed = tmp_path / "typed"
    typed.mkdir()
    write_typed_texts(paths, typed, list_texts(book))
    wps, excel = (_read_strings(typed / path.name) for path in paths)
    assert "<r>" in wps
    assert "&#10;" in wps
    assert "\r\n" in excel
    assert "<rPh " in excel
    as_issued, as_typed = (_collect(book, folder) for folder in (tmp_path / "收回", typed))
    assert answers(as_typed) == answers(as_issued)
    assert as_typed.cell_balance.accepted == 2 * 2 * ANSWERS_OF_A_ROW
    assert not as_typed.problems


def _collect(book: Book, folder: Path) -> Ledger:
    context = ReadContext(book, AS_OF)
    files = [
        read_return(path.name, path.read_bytes(), context) for path in sorted(folder.iterdir())
    ]
    return merge_returns(book, files, AS_OF)


def _read_strings(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        return package.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("name", [name for name in PEERS if "polars" not in name])
def test_peers_copy_every_row(tmp_path: Path, name: str) -> None:
    """Each copies the answers of all returns, so that it is compared for the same work."""
    book = write_returns(tmp_path, sections=2, rows=3)
    target = tmp_path / "all.xlsx"
    assert PEERS[name](sorted((tmp_path / "收回").iterdir()), str(target)) == 6
    copied = {
        cell
        for row in load_workbook(target).worksheets[0].iter_rows(values_only=True)
        for cell in row
    }
    assert list_texts(book) <= copied
