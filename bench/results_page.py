"""Write measured tables into RESULTS.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


def format_table(header: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_part(name: str, text: str) -> None:
    """Replace what stands in RESULTS.md between the comments of a part."""
    begin, end = f"<!-- measured: {name} -->\n", f"<!-- end: {name} -->"
    pattern = re.compile(f"({re.escape(begin)}).*({re.escape(end)})", re.DOTALL)
    page, count = pattern.subn(
        lambda match: f"{match[1]}\n{text}\n\n{match[2]}", RESULTS.read_text()
    )
    if count != 1:
        raise SystemExit(f"{RESULTS} has no place for {name}")
    RESULTS.write_text(page)
