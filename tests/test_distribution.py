"""What is built to be given away: everything it needs inside, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest

import ledgerbook

TREE = Path(__file__).parents[1]
PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["project"]
EXAMPLE = "examples/zhongshan-2022"

# Every file of the tree is read and packed.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=TREE, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    (path,) = dist.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_package_its_data_and_nothing_else(
    wheel: zipfile.ZipFile,
) -> None:
    """All modules, py.typed, every template, the example plan and its returns."""
    modules = (TREE / "src").rglob("*.py")
    expected = {path.relative_to(TREE / "src").as_posix() for path in modules}
    expected |= {"ledgerbook/py.typed", f"ledgerbook/{EXAMPLE}/plan.txt"}
    expected |= {f"ledgerbook/{EXAMPLE}/returns.toml"}
    parts = (TREE / "src" / "ledgerbook" / "board").glob("board.*")
    expected |= {f"ledgerbook/board/{path.name}" for path in parts}
    assert "ledgerbook/board/board.js" in expected
    templates = [path.relative_to(TREE) for path in TREE.glob("templates/**/*.toml")]
    assert len(templates) >= 16
    expected |= {f"ledgerbook/{path.as_posix()}" for path in templates}
    packed = {one for one in wheel.namelist() if ".dist-info/" not in one}
    assert packed == expected


def test_the_wheel_is_small(dist: Path) -> None:
    """Under a megabyte: whoever downloads it has slow lines."""
    (path,) = dist.glob("*.whl")
    assert path.stat().st_size < 1_000_000


def test_the_source_package_holds_what_building_and_testing_needs(dist: Path) -> None:
    """What the tree keeps at its top, and nothing that was left lying about there."""
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = [PurePosixPath(*PurePosixPath(n).parts[1:]) for n in archive.getnames()]
    top = {name.parts[0] for name in names}
    assert top == {
        ".gitignore",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "PKG-INFO",
        "README.md",
        "README.zh-CN.md",
        "bench",
        "docs",
        "examples",
        "pyproject.toml",
        "requirements-bench.lock",
        "requirements-dev.lock",
        "requirements.lock",
        "src",
        "templates",
        "tests",
    }
    litter = {"__pycache__", "node_modules", ".pytest_cache", ".hypothesis", "demo"}
    assert not [name for name in names if litter & set(name.parts)]
    assert PurePosixPath("src/ledgerbook/py.typed") in names


def test_both_are_the_same_each_time(dist: Path, tmp_path: Path) -> None:
    """Two builds of the same tree differ in no byte."""
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(words, cwd=TREE, check=True, capture_output=True)
    for path in dist.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_what_the_package_says_of_itself(wheel: zipfile.ZipFile) -> None:
    """Licence, readme and what it needs, bounded above; its own version once only."""
    said = _metadata(wheel)
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == ">=3.11"
    assert str(said.get_payload()).startswith("# ledgerbook\n")
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())
    needs = said.get_all("Requires-Dist", [])
    assert len(needs) > len(PROJECT["dependencies"])
    assert [need for need in needs if "<" not in need or ">=" not in need] == []
    assert said["Version"] == ledgerbook.__version__


def _metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_the_pythons_tried_are_the_pythons_promised() -> None:
    """What the classifiers promise is what the packages are installed into."""
    source = (TREE / ".ci" / "try-package").read_text("utf-8")
    start = "Programming Language :: Python :: "
    named = [one.removeprefix(start) for one in PROJECT["classifiers"] if start in one]
    promised = tuple(one for one in named if one[-1].isdigit())
    assert f"for version in {' '.join(promised)}; do" in source
