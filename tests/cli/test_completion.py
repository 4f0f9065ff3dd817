"""The command as a shell sees it: as a module, and completing what is half typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.doc_pages import TREE, read

# Each of these starts a shell or another Python.
pytestmark = pytest.mark.slow

MODULE = [sys.executable, "-m", "ledgerbook"]
VARIABLE = "_LEDGERBOOK_COMPLETE"


def run(*words: str, **variables: str) -> str:
    environ = {**os.environ, "PYTHONUTF8": "1", **variables}
    done = subprocess.run(
        [*MODULE, *words],
        env=environ,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def complete(line: str) -> list[str]:
    """Ask what the last word of a line could become, as bash does."""
    place = str(len(line.split(" ")) - 1)
    said = run(COMP_WORDS=line, COMP_CWORD=place, **{VARIABLE: "bash_complete"})
    return said.splitlines()


def test_the_module_runs_as_the_command_does() -> None:
    """``python -m ledgerbook --help`` shows the commands under the command's name."""
    said = run("--help")
    assert said.startswith("用法：ledgerbook ")
    assert "generate" in said


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ledgerbook ge", ["plain,generate"]),
        ("ledgerbook c", ["plain,collect", "plain,check"]),
        ("ledgerbook collect --sch", ["plain,--scheduler"]),
        ("ledgerbook collect 台", ["file,台"]),
    ],
)
def test_half_a_word_is_completed(line: str, expected: list[str]) -> None:
    """Commands and options are offered; where a file belongs, the shell looks."""
    assert complete(line) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_readme_tells_how_for_every_shell(shell: str) -> None:
    """The variable that it names gives a script for that shell."""
    assert f"{shell}_source" in read(TREE / "README.md")
    script = run(**{VARIABLE: f"{shell}_source"})
    assert f"{VARIABLE}={shell}_complete" in script


def test_bash_completes_with_the_line_of_the_readme(tmp_path: Path) -> None:
    """In a real bash, the line from the readme makes ``ledgerbook ge`` generate."""
    if (bash := shutil.which("bash")) is None:
        pytest.skip("bash is not installed")
    told = r"^\$ (eval .*bash_source.*?\)\")"
    (line,) = re.findall(told, read(TREE / "README.md"), re.MULTILINE)
    command = tmp_path / "ledgerbook"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ledgerbook "$@"\n')
    command.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    script = (
        f"{line}\nCOMP_WORDS=(ledgerbook ge)\nCOMP_CWORD=1\n"
        "_ledgerbook_completion ledgerbook\necho ${COMPREPLY[@]}"
    )
    done = subprocess.run(
        [bash, "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "generate\n"
