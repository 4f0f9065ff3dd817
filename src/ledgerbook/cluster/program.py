"""What decides how a file is read: two machines that agree in it read it alike."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

# What reads returns, and what is sent between machines as it is in memory.
_LIBRARIES = (
    "distributed",
    "msoffcrypto-tool",
    "olefile",
    "python-calamine",
    "xlrd",
)


@cache
def program() -> Mapping[str, str]:
    """Return what is at work here: each part's version, and the sum of our own."""
    own = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        own.update(f"{path.relative_to(root).as_posix()}\n".encode())
        own.update(path.read_bytes())
    return {
        "ledgerbook": f"{_version('ledgerbook')}+{own.hexdigest()[:8]}",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "?"


def differences(there: Mapping[str, str]) -> str:
    """Say in what another machine's program differs from ours; blank if in nothing."""
    return "、".join(
        f"{name} 本机是 {version}，那里是 {there.get(name, '没有')}"
        for name, version in program().items()
        if there.get(name) != version
    )
