"""Workbooks made side by side are those that one process makes, in the same order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

import psutil
import pytest

from ledgerbook import parallel
from ledgerbook.book import build_book_bytes
from ledgerbook.commands import generate
from ledgerbook.issue.workbook import issue_round
from ledgerbook.model import Assignment, Role, Section, Task
from tests.support import books as factory

# They start processes.
pytestmark = pytest.mark.slow


def _all(names: Sequence[str]) -> tuple[Assignment, ...]:
    return tuple(Assignment(name, Role.IMPLEMENT) for name in names)


def doubled(number: int) -> int:
    return number * 2


def killed_elsewhere(home: int, number: int) -> int:
    """End every process but ``home``, as a machine short of memory would."""
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 2


def refused(number: int) -> int:
    if number == 70:
        raise ValueError(number)
    return number


def where(_: int) -> int:
    return os.getpid()


def test_results_stand_in_the_order_of_what_was_asked() -> None:
    assert list(parallel.parallel_map(doubled, range(200))) == [n * 2 for n in range(200)]


def test_many_are_made_elsewhere_and_few_are_made_here() -> None:
    many = set(parallel.parallel_map(where, range(200)))
    assert (os.getpid() in many) == (parallel.count_cores() == 1)
    assert set(parallel.parallel_map(where, range(9))) == {os.getpid()}


def test_results_are_the_same_where_nothing_can_be_forked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Windows each process is a new interpreter."""
    monkeypatch.setattr(parallel, "count_cores", lambda: 2)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert list(parallel.parallel_map(doubled, range(100))) == [n * 2 for n in range(100)]


def test_windows_is_asked_for_no_more_processes_than_it_can_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its limit is 61, however many cores there are."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    assert parallel.count_cores() == 128
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        count = parallel.count_cores()
    assert count == 61


def test_a_process_that_dies_costs_time_only() -> None:
    deed = partial(killed_elsewhere, os.getpid())
    assert list(parallel.parallel_map(deed, range(100))) == [n * 2 for n in range(100)]


def test_what_goes_wrong_in_a_process_is_raised_here() -> None:
    with pytest.raises(ValueError, match="70"):
        list(parallel.parallel_map(refused, range(100)))


def test_a_round_made_side_by_side_has_the_same_bytes(tmp_path: Path) -> None:
    names = tuple(f"第{n}科" for n in range(70))
    task = Task("T01", 1, "", "", "更新目录。", "各科室", parsed_assignments=_all(names))
    sections = tuple(map(Section, names))
    book = factory.make_book(sections=sections, tasks=(task,), office=names[0])
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    day = date(2022, 6, 1)
    made = generate(path, tmp_path / "发出", issued_on=day)
    written = {file.name: file.read_bytes() for file in made.files}
    alone = {one.name: one.data for one in issue_round(book, book.rounds[0], day)}
    assert len(alone) == 70 + 2
    assert {name: written[name] for name in alone} == alone


def wait_for_ever(marker: Path) -> None:
    marker.with_suffix(".new").write_text(str(os.getpid()))
    marker.with_suffix(".new").rename(marker)
    while True:
        time.sleep(60)


_KILLED_SCRIPT = """\
import os, signal, sys, time
from pathlib import Path
from ledgerbook import parallel
from tests.test_parallel import wait_for_ever

if __name__ == "__main__":
    marker = Path(sys.argv[1])
    parallel.make_process_context().Process(target=wait_for_ever, args=(marker,)).start()
    while not marker.exists():
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do it")
def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    """Also when that is killed, which no handler sees."""
    script, marker = tmp_path / "script.py", tmp_path / "marker"
    script.write_text(_KILLED_SCRIPT, "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, script, marker], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(marker.read_text())).wait(10)


def complain() -> None:
    os.write(2, "没有人要听".encode())


def test_a_process_complains_to_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """One that starts when all is done already has nothing to tell a clerk."""
    process = parallel.make_process_context().Process(target=complain)
    process.start()
    process.join()
    assert process.exitcode == 0
    os.write(2, "我们自己的话".encode())
    assert capfd.readouterr().err == "我们自己的话"


_SCRIPT = """\
import multiprocessing
from datetime import date
import ledgerbook
if {method!r} != multiprocessing.get_all_start_methods()[-1]:
    multiprocessing.get_all_start_methods = lambda: [{method!r}]
"""
_CALL = "print(len(ledgerbook.check('年度', as_of=date(2022, 12, 1))))\n"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the workbooks of a round in its folder 年度."""
    folder = tmp_path_factory.mktemp("issued")
    (folder / "台账.xlsx").write_bytes(build_book_bytes(factory.make_book()))
    generate(folder / "台账.xlsx", folder, issued_on=date(2022, 6, 1))
    return folder


def run_script(folder: Path, text: str, *, method: str) -> subprocess.CompletedProcess[str]:
    """Run a script of a user; every process that it starts is started by ``method``."""
    script = folder / "script.py"
    script.write_text(_SCRIPT.format(method=method) + text, "utf-8")
    return subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


_METHODS = [m for m in ("forkserver", "spawn") if m in multiprocessing.get_all_start_methods()]


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (_CALL, 6),
        ("def main():\n    " + _CALL + "main()\n", 8),
        (
            "import threading\n"
            "def main():\n    " + _CALL + "thread = threading.Thread(target=main)\n"
            "thread.start()\n"
            "thread.join()\n",
            11,
        ),
    ],
    ids=["at the top", "in a function", "in a thread"],
)
def test_a_script_without_a_main_guard_gets_one_sentence(
    issued: Path, method: str, text: str, line: int
) -> None:
    """It ends at once and says what to write; no process starts and fails again and again."""
    done = run_script(issued, text, method=method)
    assert done.stdout == ""
    sentence = (
        f"{issued / 'script.py'}, line {line}: write this below 'if __name__ == \"__main__\":', "
        "since ledgerbook starts processes that import the script again.\n"
    )
    if "Thread" in text:  # Python shows where a thread has ended
        # The line is that of the main thread, which may still be starting the other.
        sentences = (sentence, sentence.replace(f"line {line}:", f"line {line - 1}:"))
        assert done.stderr.endswith(tuple(f"RuntimeError: {one}" for one in sentences))
        assert done.stderr.count("Traceback") == 1
    else:
        assert (done.returncode, done.stderr) == (1, sentence)


@pytest.mark.parametrize("method", _METHODS)
def test_a_script_with_a_main_guard_runs(issued: Path, method: str) -> None:
    """However the guard is written."""
    for guard in ('if __name__ == "__main__":', "if not __name__ != '__main__':"):
        done = run_script(issued, f"{guard}\n    {_CALL}", method=method)
        assert (done.returncode, done.stderr) == (0, "")
        assert int(done.stdout) > 2


def test_a_script_on_standard_input_gets_one_sentence(issued: Path) -> None:
    """The processes that it starts have nothing to import."""
    text = f'{_SCRIPT.format(method="spawn")}if __name__ == "__main__":\n    {_CALL}'
    done = subprocess.run(
        [sys.executable, "-"],
        cwd=issued,
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    sentence = (
        "ledgerbook starts processes that import the calling script again: "
        "save this one as a file instead of passing it on standard input.\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
