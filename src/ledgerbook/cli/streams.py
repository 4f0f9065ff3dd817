"""Terminals and pipes that know few characters: everything printed comes out."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

_CHINESE = "\u53f0\u8d26"


def open_up() -> None:
    """Make the standard streams take whatever is to be printed.

    A file's name may hold what the encoding does not have (a GBK console knows no
    emoji), or no text at all: that is escaped. An encoding without Chinese would leave
    nothing to read: there UTF-8 takes its place.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not _has(stream.encoding, _CHINESE):
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An answer typed in another encoding is no answer, and no end of the run.
        sys.stdin.reconfigure(errors="replace")


def json_text(data: Any) -> str:
    """Return JSON that is valid in the encoding it will be printed in.

    What an encoding lacks is escaped as JSON has it, not as Python would.
    """
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if _has(sys.stdout.encoding, text):
        return text
    return json.dumps(data, indent=2)


def _has(encoding: str | None, text: str) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
