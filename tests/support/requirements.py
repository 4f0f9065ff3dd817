"""What a test needs that no lock file brings: skipped without it; in CI, failed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Where Debian's python3-uno lives: no virtual environment has it.
SYSTEM_PYTHON = "/usr/bin/python3"
_OFFICE = ("soffice", "pdfinfo", "pdftotext", "pdftoppm", SYSTEM_PYTHON)


def need_program(name: str, reason: str = "") -> None:
    """Go on only where ``name`` can be run."""
    if shutil.which(name) is None:
        cannot(reason or f"{name} is not installed")


def need_office() -> None:
    """Go on only where LibreOffice Calc can be driven and its pages looked at."""
    for name in _OFFICE:
        need_program(name)
    probe = [SYSTEM_PYTHON, "-c", "import uno"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        cannot(f"{SYSTEM_PYTHON} cannot import uno (python3-uno is not installed)")


def need_writer() -> None:
    """Go on only where LibreOffice has Writer too: Debian packs it by itself."""
    need_office()
    programs = Path(shutil.which("soffice") or "").resolve().parent
    if not any(programs.glob("*swlo.*")):
        cannot("LibreOffice Writer (libreoffice-writer) is not installed")


def cannot(reason: str) -> None:
    """Skip; where CI is "true" nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
