"""Type-check scripts of users as they would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ledgerbook

_SOURCE = Path(ledgerbook.__file__).parents[1]


def run_mypy(*scripts: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy --strict over scripts of a folder that import this ledgerbook."""
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".cache", *scripts]
    return subprocess.run(
        words,
        cwd=scripts[0].parent,
        env={**os.environ, "MYPYPATH": str(_SOURCE)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
