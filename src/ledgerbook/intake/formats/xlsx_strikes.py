"""Find what is struck through in an .xlsx: by the font of a cell, or of a part of its text.

The elements are those of ECMA-376 Part 1: strike (§18.4.10) in a font (§18.8.22) or in the
properties of a run of rich text (§18.4.7). A workbook without any costs one search for a word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.intake.formats.untrusted_xml import parse_whole_number, stream_part
from ledgerbook.text import normalize_line_ends, unescape_ooxml

STRIKE_NAME = b"strike"
_FALSE_VALUES = ("0", "false")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of a cell's text; ``is_struck`` is None where the font of the cell decides."""

    text: str
    is_struck: bool | None


@dataclass(frozen=True, slots=True)
class Strikes:
    """What is struck through in a workbook, wherever its cells are.

    ``styles`` are the indexes of struck cell styles, ``rich_strings`` the runs of the shared
    strings that have a font of their own, by index; where no run and no style is struck, none.
    """

    styles: frozenset[int] = frozenset()
    rich_strings: Mapping[int, tuple[TextRun, ...]] = field(default_factory=dict)


def read_strikes(styles_xml: bytes, strings_xml: bytes) -> Strikes:
    """Read the parts of the styles and of the shared strings; b"" where there is none."""
    styles = _find_struck_styles(styles_xml)
    return Strikes(styles, _collect_rich_strings(strings_xml, styles))


@dataclass(slots=True)
class RunCollector:
    """Collects the runs of one rich text while its elements are streamed."""

    runs: list[TextRun] = field(default_factory=list)
    _is_struck: bool | None = None

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "r":
            self._is_struck = None
        elif name == "rPr":
            self._is_struck = False
        elif name == "strike":
            self._is_struck = is_on(attrs)

    def add_text(self, text: str) -> None:
        self.runs.append(TextRun(text, self._is_struck))


def is_on(attrs: Mapping[str, str]) -> bool:
    """Return whether an element such as strike is switched on: by default it is."""
    return attrs.get("val", "1") not in _FALSE_VALUES


def leave_out_struck(runs: Sequence[TextRun], *, is_cell_struck: bool) -> str | None:
    """Return the text without its struck runs; None where nothing is struck.

    ``is_cell_struck`` tells of the font of the cell, which holds for runs without their own.
    """
    kept = [
        run.text for run in runs if not (is_cell_struck if run.is_struck is None else run.is_struck)
    ]
    if len(kept) == len(runs) and not (is_cell_struck and not runs):
        return None
    return normalize_line_ends(unescape_ooxml("".join(kept)))


def _find_struck_styles(xml: bytes) -> frozenset[int]:
    """Return the indexes of the cell styles (cellXfs) whose font is struck through."""
    if STRIKE_NAME not in xml:
        return frozenset()
    open_tags: list[str] = []
    fonts: list[bool] = []
    font_indexes: list[str] = []

    def start_element(name: str, attrs: Mapping[str, str]) -> None:
        if open_tags[-1:] == ["fonts"]:
            fonts.append(False)
        elif name == "strike" and open_tags[-2:-1] == ["fonts"]:
            fonts[-1] = is_on(attrs)
        elif name == "xf" and open_tags[-1:] == ["cellXfs"]:
            font_indexes.append(attrs.get("fontId", "0"))
        open_tags.append(name)

    def end_element(name: str) -> None:
        open_tags.pop()

    stream_part(xml, start_element, end_element, lambda _: None)
    struck_fonts = {index for index, is_struck in enumerate(fonts) if is_struck}
    return frozenset(
        style
        for style, index in enumerate(font_indexes)
        if struck_fonts and parse_whole_number(index) in struck_fonts
    )


def _collect_rich_strings(
    xml: bytes, struck_styles: Collection[int]
) -> Mapping[int, tuple[TextRun, ...]]:
    """Return the runs of the shared strings by index, of those with a font of their own."""
    if not xml or (STRIKE_NAME not in xml and not struck_styles):
        return {}
    strings: dict[int, tuple[TextRun, ...]] = {}
    open_tags: list[str] = []
    collector = RunCollector()
    count = 0

    def start_element(name: str, attrs: Mapping[str, str]) -> None:
        nonlocal collector
        if name == "si":
            collector = RunCollector()
        collector.start_element(name, attrs)
        open_tags.append(name)

    def end_element(name: str) -> None:
        nonlocal count
        open_tags.pop()
        if name == "si":
            if any(run.is_struck is not None for run in collector.runs):
                strings[count] = tuple(collector.runs)
            count += 1

    def add_text(data: str) -> None:
        # Phonetic runs (rPh) repeat how a string is read; they are not its text.
        if open_tags[-1] == "t" and "rPh" not in open_tags[-2:]:
            collector.add_text(data)

    stream_part(xml, start_element, end_element, add_text)
    return strings
