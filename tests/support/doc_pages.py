"""Parse the documents: code blocks, commands, options, links, table rows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[2]
READMES = (TREE / "README.md", TREE / "README.zh-CN.md")
CONTRIBUTING = TREE / "CONTRIBUTING.md"
PAGES = (*READMES, CONTRIBUTING, *sorted(TREE.glob("docs/*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"`[^`\n]*?(--[a-z][a-z-]*)[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"^(?:\$ )?(ledgerbook .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line on which the text begins."""

    language: str
    text: str
    line: int


def read(page: Path) -> str:
    return page.read_text("utf-8")


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    text = read(page)
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)


def commands(block: Block) -> Iterator[list[str]]:
    """Yield the arguments of each ``ledgerbook`` line of a block, without comments."""
    for line in _COMMAND.findall(block.text):
        yield shlex.split(line, comments=True)[1:]


def quoted(page: Path) -> Iterator[list[str]]:
    """Yield the arguments of each ``ledgerbook`` command in backticks in running text."""
    for found in re.finditer(r"`(ledgerbook [a-z][^`\n]*)`", read(page)):
        yield shlex.split(found[1])[1:]


def options(page: Path) -> set[str]:
    """Return the options that running text names in backticks."""
    return set(_OPTION.findall(_FENCE.sub("", read(page))))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each relative link: the file, and the heading or an empty text."""
    for target in _LINK.findall(_FENCE.sub("", read(page))):
        if "://" not in target:
            name, _, heading = target.partition("#")
            yield name, heading


def table_rows(page: Path, width: int) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables of ``width`` columns, headers left out."""
    lines = [line.strip() for line in _FENCE.sub("", read(page)).splitlines()]
    rule = re.compile(r"\|(?:-+\|)+")
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        is_row = line.startswith("|") and not rule.fullmatch(line) and not rule.fullmatch(next_line)
        if is_row and len(cells) == width:
            yield cells


def code_spans(text: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall(r"`([^`]+)`", text)
