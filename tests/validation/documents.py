"""Check Word documents by what Word refuses, repairs or ignores beyond the schema.

The schema is ECMA-376 Part 1 §17.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ledgerbook.text import count_utf16_units
from tests.validation.packages import NAMESPACES, Finding, Package, find_repeated

_WORD = f"{{{NAMESPACES['w']}}}"
_VALUE = f"{_WORD}val"
_KEPT_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_MAX_TABLE_COLUMNS = 63
_MAX_BOOKMARK = 40
_MAX_FONT_NAME = 31


def check_document(package: Package) -> Iterator[Finding]:
    """Yield everything that is wrong in a document, but for the rules of the package."""
    main = package.trees[package.main_part]
    yield from _check_styles(package)
    yield from _check_comments(package, main)
    yield from _check_marks(main, package.main_part)
    for name, tree in package.trees.items():
        if etree.QName(tree).namespace == NAMESPACES["w"]:
            yield from _check_tables(tree, name)
            yield from _check_texts(tree, name)
    body = main.find("w:body", NAMESPACES)
    if body is None or body[-1].tag != f"{_WORD}sectPr":
        yield Finding("section", package.main_part, "the body does not end with its section")


def _list_values(tree: Any, path: str, attribute: str = _VALUE) -> list[str]:
    found = [] if tree is None else tree.iterfind(f".//{path}", NAMESPACES)
    return [element.get(attribute) for element in found]


def _check_styles(package: Package) -> Iterator[Finding]:
    """Check that every style and list that is used is defined, once."""
    styles = package.find_tree(package.main_part, "styles")
    ids = _list_values(styles, "w:style", f"{_WORD}styleId")
    names = [name.casefold() for name in _list_values(styles, "w:style/w:name")]
    for repeated in (*find_repeated(ids), *find_repeated(names)):
        yield Finding("style", "styles", f"{repeated!r} twice")
    lists = _list_values(
        package.find_tree(package.main_part, "numbering"), "w:num", f"{_WORD}numId"
    )
    references = ("w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:next", "w:link")
    for name, tree in package.trees.items():
        used = {value for path in references for value in _list_values(tree, path)}
        for style in sorted(used - set(ids)):
            yield Finding("undefined-style", name, f"{style!r} is used and not defined")
        for number in set(_list_values(tree, "w:numId")) - set(lists) - {"0"}:
            yield Finding("undefined-list", name, f"{number} is used and not defined")
        for font in _list_values(tree, "w:rFonts", f"{_WORD}eastAsia"):
            if font and count_utf16_units(font) > _MAX_FONT_NAME:
                yield Finding("font-name", name, font)


def _check_comments(package: Package, main: Any) -> Iterator[Finding]:
    """Check that each comment has one beginning, one end and one mark in the text."""
    tree = package.find_tree(package.main_part, "comments")
    comments = Counter(_list_values(tree, "w:comment", f"{_WORD}id"))
    for path in ("w:commentRangeStart", "w:commentRangeEnd", "w:commentReference"):
        if Counter(_list_values(main, path, f"{_WORD}id")) != comments:
            yield Finding("comment", package.main_part, f"{path} and the comments differ")
    if find_repeated(comments.elements()):
        yield Finding("comment", package.main_part, "two comments of one id")


def _check_marks(main: Any, place: str) -> Iterator[Finding]:
    starts = Counter(_list_values(main, "w:bookmarkStart", f"{_WORD}id"))
    if starts != Counter(_list_values(main, "w:bookmarkEnd", f"{_WORD}id")):
        yield Finding("bookmark", place, "a beginning without an end")
    names = _list_values(main, "w:bookmarkStart", f"{_WORD}name")
    if find_repeated(names) or any(count_utf16_units(name) > _MAX_BOOKMARK for name in names):
        yield Finding("bookmark", place, "two of one name, or a name that is too long")
    fields = Counter(_list_values(main, "w:fldChar", f"{_WORD}fldCharType"))
    if fields["begin"] != fields["end"]:
        yield Finding("field", place, "a field without an end")


def _check_tables(tree: Any, place: str) -> Iterator[Finding]:
    for cell in tree.iterfind(".//w:tc", NAMESPACES):
        if not len(cell) or cell[-1].tag != f"{_WORD}p":
            yield Finding("table-cell", place, "a cell that does not end with a paragraph")
    for table in tree.iterfind(".//w:tbl", NAMESPACES):
        width = len(table.findall("w:tblGrid/w:gridCol", NAMESPACES))
        if not 1 <= width <= _MAX_TABLE_COLUMNS:
            yield Finding("table-grid", place, f"{width} columns")
        for row in table.findall("w:tr", NAMESPACES):
            left_out = row.xpath(
                "w:trPr/w:gridBefore/@w:val | w:trPr/w:gridAfter/@w:val", namespaces=NAMESPACES
            )
            cells = row.findall("w:tc", NAMESPACES)
            spans = _list_values(row, "w:tcPr/w:gridSpan")
            occupied = len(cells) - len(spans) + sum(map(int, [*spans, *left_out]))
            if occupied != width or not cells:
                yield Finding("table-grid", place, f"a row of {occupied} of {width} columns")


def _check_texts(tree: Any, place: str) -> Iterator[Finding]:
    for element in tree.iterfind(".//w:t", NAMESPACES):
        text = element.text or ""
        if text != text.strip(" \t\r\n") and element.get(_KEPT_SPACE) != "preserve":
            yield Finding("text-space", place, f"Word drops the outer blanks of {text[:30]!r}")
        if "\n" in text or "\t" in text:
            yield Finding("text-break", place, f"Word shows a blank for the break in {text[:30]!r}")
