"""Read a PDF: page sizes, texts, and the colours of the first page."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

_DPI = 150
_POINT = _DPI / 72
_SIZE = re.compile(r"^Page +\d+ size: +([\d.]+) x ([\d.]+) pts", re.MULTILINE)
_WORD = re.compile(
    r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="[\d.]+">(.*?)</word>'
)
# What is narrower than this many pixels is a line or its blurred edge, not a fill.
_NARROWEST_FILL = 6
A4_LANDSCAPE = (842, 595)


def page_sizes(pdf: Path) -> list[tuple[int, int]]:
    """Return width and height of every page, in points."""
    output = _run("pdfinfo", "-f", "1", "-l", "9999", str(pdf)).decode()
    return [(round(float(w)), round(float(h))) for w, h in _SIZE.findall(output)]


def page_texts(pdf: Path) -> list[str]:
    """Return the text of each page without white space."""
    pages = _run("pdftotext", str(pdf), "-").decode().split("\f")
    return ["".join(page.split()) for page in pages[:-1]]


@dataclass(frozen=True, slots=True)
class Picture:
    """The pixels of a page."""

    width: int
    pixels: bytes

    def pixel(self, x: int, y: int) -> str:
        at = 3 * (y * self.width + x)
        return "#" + self.pixels[at : at + 3].hex().upper()

    def fills(self, y: int) -> list[str]:
        """Return the colours of the cells on the pixel row ``y``.

        Borders and letters are left out, and so are the margins left and right of the table.
        """
        line = (self.pixel(x, y) for x in range(self.width))
        runs = [(colour, len(list(run))) for colour, run in groupby(line)]
        return [colour for colour, length in runs if length > _NARROWEST_FILL][1:-1]


def render_page(pdf: Path, page: int) -> Picture:
    """Render a page; the first one is 1."""
    pages = ("-f", str(page), "-l", str(page))
    data = _run("pdftoppm", "-r", str(_DPI), *pages, "-aaVector", "no", str(pdf))
    magic, size, _, pixels = data.split(b"\n", 3)
    if magic != b"P6":
        raise ValueError(f"not a picture: {data[:20]!r}")
    return Picture(int(size.split()[0]), pixels)


def row_fills(pdf: Path, word: str, page: int = 1) -> list[str]:
    """Return the colours of the cells of the row of a page's table that contains ``word``.

    A word may be parted at its end by the edge of the cell. They are read just below the
    upper border of the row, above all letters.
    """
    left, top = next((x, y) for x, y, text in _words(pdf, page) if text and word.startswith(text))
    picture = render_page(pdf, page)
    x, y = round(left * _POINT) - 1, round(top * _POINT)
    background = picture.pixel(x, y)
    while picture.pixel(x, y) == background:
        y -= 1
    return picture.fills(y + 3)


def _words(pdf: Path, page: int) -> Iterator[tuple[float, float, str]]:
    """Yield left edge, top edge and text of each word of a page."""
    output = _run("pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(pdf), "-").decode()
    for left, top, text in _WORD.findall(output):
        yield float(left), float(top), text


def _run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
