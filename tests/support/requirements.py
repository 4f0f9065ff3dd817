"""Skip a test where a program that it needs is missing; fail it in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Debian's python3-uno is installed for the system's Python only.
SYSTEM_PYTHON = "/usr/bin/python3"
_OFFICE = ("soffice", "pdfinfo", "pdftotext", "pdftoppm", SYSTEM_PYTHON)


def need_program(name: str, reason: str = "") -> None:
    """Skip the test unless the program ``name`` is on the PATH."""
    if shutil.which(name) is None:
        skip_or_fail(reason or f"{name} is not installed")


def need_office() -> None:
    """Skip the test unless LibreOffice Calc, uno and poppler are installed."""
    for name in _OFFICE:
        need_program(name)
    probe = [SYSTEM_PYTHON, "-c", "import uno"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        skip_or_fail(f"{SYSTEM_PYTHON} cannot import uno (python3-uno is not installed)")


def need_writer() -> None:
    """Skip the test unless LibreOffice Writer is installed too; Debian packages it separately."""
    need_office()
    programs = Path(shutil.which("soffice") or "").resolve().parent
    if not any(programs.glob("*swlo.*")):
        skip_or_fail("LibreOffice Writer (libreoffice-writer) is not installed")


def skip_or_fail(reason: str) -> None:
    """Skip the test, or fail it where the environment variable CI is "true"."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
