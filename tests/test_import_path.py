"""A module laid into the current folder, such as a folder of returns, is never imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book

# What Python 3.11 imports for ``python -m`` before any module of ours; 3.13 only two of these.
_BEFORE_US = {
    *("collections", "contextlib", "functools", "importlib", "keyword", "operator", "reprlib"),
    *("types", "warnings"),
}
_DEPENDENCIES = (
    *("chinese_calendar", "click", "dask", "defusedxml", "docx", "docxtpl", "jinja2", "ledgerbook"),
    *("lxml", "msoffcrypto", "numpy", "olefile", "openpyxl", "pandas", "pebble"),
    *("python_calamine", "rapidfuzz", "rich", "sitecustomize", "usercustomize", "xlrd"),
    "xlsxwriter",
)
_PLANTED = """\
import sys
with open({marker!r}, "a") as marker:
    marker.write(__name__ + "\\n")
raise SystemExit(77)
"""
_WAYS = {
    "console script": [str(Path(sys.executable).with_name("ledgerbook"))],
    "python -m": [sys.executable, "-m", "ledgerbook"],
    "python -P -m": [sys.executable, "-P", "-m", "ledgerbook"],
}
# A script that lies elsewhere; how it starts its processes, and what it does.
_SCRIPT = """\
import multiprocessing, os, sys
from datetime import date
import ledgerbook

if __name__ == "__main__":
    if {method!r} == "spawn":
        # Where processes are spawned there is no resource tracker; this system starts one.
        from multiprocessing import resource_tracker
        os.environ["PYTHONSAFEPATH"] = "1"
        resource_tracker.ensure_running()
        del os.environ["PYTHONSAFEPATH"]
        multiprocessing.get_all_start_methods = lambda: ["spawn"]
    {before}
    ledgerbook.check(["甲.xlsx"], as_of=date(2022, 12, 20))
    assert "PYTHONSAFEPATH" not in os.environ
    print("read")
"""
_CLUSTER_SCRIPT = """\
from datetime import date
import ledgerbook
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        result = ledgerbook.collect(
            "台账.xlsx", ["甲.xlsx"], "汇总", scheduler=cluster.scheduler_address,
            as_of=date(2022, 12, 20),
        )
    assert result.ledger.file_reports[0].fault is None
    print("read")
"""


class Planted:
    """A folder of returns in which modules lie that note that they have run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "收回"
        self.folder.mkdir()
        self._marker = folder / "ran.txt"
        book = make_book()
        (self.folder / "台账.xlsx").write_bytes(build_book_bytes(book))
        (self.folder / "甲.xlsx").write_bytes(fill(issued(book, OFFICE), {"T01": DONE}))

    def plant(self, *left_out: str) -> None:
        """Lay a module of each name into the folder, but for those ``left_out``."""
        text = _PLANTED.format(marker=str(self._marker))
        for name in {*sys.stdlib_module_names, *_DEPENDENCIES} - set(left_out):
            (self.folder / f"{name}.py").write_text(text, "utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the folder, and require that no module there has run."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        ran = self._marker.read_text("utf-8") if self._marker.exists() else ""
        assert ran == "", done.stderr
        assert done.returncode in (0, 1), (words, done.stdout, done.stderr)
        return done


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)


def plant_for(planted: Planted, way: str) -> None:
    # Python has put the current folder first when ``python -m`` looks for our package.
    planted.plant(*(("ledgerbook", *_BEFORE_US) if way == "python -m" else ()))


@pytest.mark.slow
@pytest.mark.parametrize("way", _WAYS)
def test_the_current_folder_is_not_on_the_path(planted: Planted, way: str) -> None:
    """However the program is started, its worker processes included."""
    plant_for(planted, way)
    done = planted.run(*_WAYS[way], "check", "甲.xlsx", "--as-of", str(AS_OF))
    assert "甲.xlsx" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("way", ["console script", "python -m"])
def test_no_command_imports_from_the_current_folder(planted: Planted, way: str) -> None:
    """Every command, one after the other, in one folder."""
    plant_for(planted, way)
    plan = Path(__file__).parents[1] / "examples" / "zhongshan-2022" / "plan.txt"
    shutil.copy(plan, planted.folder / "方案.txt")
    for words in (
        (),
        ("--version",),
        ("init", "方案.txt", "-o", "新台账.xlsx"),
        ("init", "方案.txt", "-o", "新台账.xlsx", "--update"),
        ("generate", "新台账.xlsx", "--eml"),
        ("generate", "台账.xlsx", "--from", "甲.xlsx", "-o", "又发出"),
        ("collect", "台账.xlsx", "."),
        ("collect", "台账.xlsx", "甲.xlsx", "--export", "csv"),
        ("report", "台账.xlsx", "甲.xlsx"),
        ("rollup", "汇总"),
        ("drop", "look"),
        ("drop", "check", "甲.xlsx"),
        ("diagnose", "甲.xlsx"),
        ("demo", "演示"),
    ):
        planted.run(*_WAYS[way], *words)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_workers_of_a_script_import_nothing_from_the_current_folder(
    planted: Planted, tmp_path: Path, method: str
) -> None:
    """A script that lies elsewhere and works in the folder; its environment stays as it was."""
    planted.plant()
    script = tmp_path / "elsewhere" / "script.py"
    script.parent.mkdir()
    script.write_text(_SCRIPT.format(method=method, before="pass"), "utf-8")
    assert planted.run(sys.executable, str(script)).stdout == "read\n"
    # A blank entry stands for the current folder, as in an interactive Python.
    before = "ledgerbook.check(['甲.xlsx'], as_of=date(2022, 12, 20)); sys.path.insert(0, '')"
    script.write_text(_SCRIPT.format(method=method, before=before), "utf-8")
    assert planted.run(sys.executable, str(script)).stdout == "read\n"


@pytest.mark.slow
def test_processes_on_a_cluster_import_nothing_from_the_current_folder(
    planted: Planted, tmp_path: Path
) -> None:
    """The process that reads files for a Dask worker, and the workers of that process."""
    pytest.importorskip("distributed")
    planted.plant()
    script = tmp_path / "elsewhere" / "script.py"
    script.parent.mkdir()
    script.write_text(_CLUSTER_SCRIPT, "utf-8")
    assert planted.run(sys.executable, str(script)).stdout == "read\n"
