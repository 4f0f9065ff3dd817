"""What hangs on a sheet's cells beside their text: notes, links, pictures, merges.

The reader of values sees none of it. A part that cannot be read is told, and takes
nothing else along: the answers are worth more than what hangs on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from ledgerbook.returns import pictures
from ledgerbook.returns.census import MOST_LINKS, MOST_MERGES, Hanging
from ledgerbook.returns.raw import Cell, Extras, Fault, Picture, RawSheet, Value
from ledgerbook.returns.related import (
    UnreadError,
    area_of,
    cell_of,
    links,
    texts,
    xml,
)
from ledgerbook.returns.relations import Package, Relation, local
from ledgerbook.returns.values import shown
from ledgerbook.text import CELL_LIMIT, CUT_MARK, unescaped

T = TypeVar("T")
Cells = Mapping[Cell, Value]

# What a cell says when it holds a picture: this and the picture's name.
PICTURE = "（图片）"
TEXT_BOX = "（文本框）"
_WPS = re.compile(r'\s*=?\s*(?:_xlfn\.)?DISPIMG\(\s*"([^"]+)"', re.IGNORECASE)
_LINKED = re.compile(r'=?\s*HYPERLINK\(\s*"((?:[^"]|"")+)"', re.IGNORECASE)
_THREADED = "tc="
_SCHEMES = re.compile(r"(mailto|https?):(//)?", re.IGNORECASE)


def with_extras(
    sheet: RawSheet, package: Package, part: str, seen: Hanging
) -> RawSheet:
    """Return ``sheet`` with what hangs on it, ``seen`` in its part or in others.

    A cell that holds a picture instead of a text says so.
    """
    unread = [f"合并区域（只看前 {MOST_MERGES} 个）"] if seen.more_merges else []
    none: tuple[Relation, ...] = ()
    related = _tried("附件的目录", none, unread, partial(links, package, part))
    notes = _notes(package, related, unread)
    over: list[Picture] = []
    for one in related:
        if one.kind == "drawing":
            read = partial(pictures.drawing, package, one.target, MOST_LINKS)
            drawn = _tried("图片", pictures.Drawing(), unread, read)
            over += drawn.pictures
            notes += ((cell, f"{TEXT_BOX}{text}") for cell, text in drawn.words)
            unread += drawn.unread
    inside = _inside(package, seen, sheet.cells, unread)
    if seen.objects:
        unread.append(f"嵌入的文件 {len(seen.objects)} 个")
    extras = Extras(
        notes=_joined(notes, unread),
        links=_links(seen, related, sheet.cells, unread),
        pictures=(*over, *(p for p in inside.values() if p.data)),
        merges=tuple(seen.merges),
        unread=tuple(unread),
    )
    said = {cell: _said_instead(picture) for cell, picture in inside.items()}
    return replace(sheet, cells={**sheet.cells, **said}, extras=extras)


def _said_instead(picture: Picture) -> Value:
    """Return what a cell says for the picture in it; one without data is lost."""
    if picture.data:
        return f"{PICTURE}{picture.name}"
    return Fault(picture.name, "picture-missing")


def _tried(what: str, otherwise: T, unread: list[str], read: Callable[[], T]) -> T:
    try:
        return read()
    except UnreadError as error:
        unread.append(f"{what}（{error}）")
        return otherwise


# -- notes ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Comment:
    """One comment; the ``shadow`` of a conversation is there for old programs."""

    cell: Cell
    text: str
    shadow: bool


def _notes(
    package: Package, related: Sequence[Relation], unread: list[str]
) -> list[tuple[Cell, str]]:
    """Return the notes; a conversation once, though it is kept as a note as well."""
    found: dict[str, list[_Comment]] = {"comments": [], "threadedComment": []}
    for one in related:
        if one.kind in found:
            found[one.kind] += _tried(
                "批注", [], unread, partial(_comments, package, one.target)
            )
    threaded = {one.cell for one in found["threadedComment"]}
    plain = [c for c in found["comments"] if not (c.shadow and c.cell in threaded)]
    return [(one.cell, one.text) for one in (*plain, *found["threadedComment"])]


def _comments(package: Package, part: str) -> list[_Comment]:
    if part not in package:
        raise UnreadError("不在文件里")
    root = xml(package[part])
    authors = [e.text or "" for e in root.iter() if local(e.tag) == "author"]
    shadows = {str(n) for n, name in enumerate(authors) if name.startswith(_THREADED)}
    return [
        _Comment(cell, _said(one), one.get("authorId", "") in shadows)
        for one in root.iter()
        if local(one.tag) in ("comment", "threadedComment")
        and (cell := cell_of(one.get("ref", "")))
    ]


def _said(comment: Any) -> str:
    """Return a comment's text; in a conversation it stands in one plain element."""
    if local(comment.tag) == "threadedComment":
        return "\n".join(e.text or "" for e in comment if local(e.tag) == "text")
    return unescaped(texts(comment))


def _joined(notes: Sequence[tuple[Cell, str]], unread: list[str]) -> dict[Cell, str]:
    """Bring together what is noted at each cell, within limits that are told."""
    joined: dict[Cell, list[str]] = {}
    for cell, text in notes:
        if text.strip():
            joined.setdefault(cell, []).append(text.strip())
    texts_of = {cell: "\n".join(joined[cell]) for cell in sorted(joined)}
    if len(texts_of) > MOST_LINKS:
        unread.append(f"批注 {len(texts_of)} 条（只取前 {MOST_LINKS} 条）")
    kept = dict(list(texts_of.items())[:MOST_LINKS])
    long = sum(len(text) > CELL_LIMIT for text in kept.values())
    if long:
        unread.append(f"批注 {long} 条过长（只取前 {CELL_LIMIT} 字）")
    return {cell: _cut(text) for cell, text in kept.items()}


def _cut(text: str) -> str:
    if len(text) <= CELL_LIMIT:
        return text
    return text[: CELL_LIMIT - len(CUT_MARK)] + CUT_MARK


# -- links ----------------------------------------------------------------------------


def _links(
    seen: Hanging, related: Sequence[Relation], cells: Cells, unread: list[str]
) -> dict[Cell, str]:
    targets = {
        one.id: one.target or one.spelled for one in related if one.kind == "hyperlink"
    }
    found: dict[Cell, str] = {}
    for cell, formula in seen.formulas.items():
        if match := _LINKED.match(formula):
            found[cell] = match[1].replace('""', '"')
    for one in seen.links:
        area = area_of(one.get("ref", ""))
        inner = one.get("location", "")
        target = targets.get(one.get("id", ""), "") + (f"#{inner}" if inner else "")
        if area and target:
            found[area[0]] = target
    told = {
        cell: _cut(target)
        for cell, target in sorted(found.items())
        if _bare(target) != _bare(shown(cells.get(cell)))
    }
    if len(seen.links) > MOST_LINKS or len(told) > MOST_LINKS:
        unread.append(f"链接（只取前 {MOST_LINKS} 个）")
    return dict(list(told.items())[:MOST_LINKS])


def _bare(address: str) -> str:
    """Return what must differ for a link to say more than the text it stands on."""
    plain = _SCHEMES.sub("", unquote(address).strip(), count=1)
    return plain.removesuffix("/").casefold()


# -- pictures inside cells ------------------------------------------------------------


def _inside(
    package: Package, seen: Hanging, cells: Cells, unread: list[str]
) -> dict[Cell, Picture]:
    """Return the picture of every cell that holds one; without data, if it is lost.

    A lost picture is named by what the cell says instead.
    """
    wanted = dict(_wps_cells(seen, cells))
    images: Mapping[str, str] = {}
    rich: Mapping[str, str] = {}
    what = "单元格里的图片"
    if wanted:
        images = _tried(what, {}, unread, partial(pictures.wps_images, package))
    if seen.rich:
        rich = _tried(what, {}, unread, partial(pictures.rich_images, package))
    found = {
        cell: _picture(package, cell, images.get(match[1], ""), match.string.strip())
        for cell, match in wanted.items()
    }
    found |= {
        cell: _picture(package, cell, rich[number], "#VALUE!")
        for cell, number in seen.rich.items()
        if number in rich
    }
    return dict(sorted(found.items()))


def _wps_cells(seen: Hanging, cells: Cells) -> Iterator[tuple[Cell, re.Match[str]]]:
    """Yield the cells whose text, or whose formula, asks for a picture of WPS."""
    for cell, value in cells.items():
        said = value.text if isinstance(value, Fault) else value
        if isinstance(said, str) and (match := _WPS.match(said)):
            yield cell, match
    for cell, formula in seen.formulas.items():
        if match := _WPS.match(f"={formula}"):
            yield cell, match


def _picture(package: Package, cell: Cell, part: str, lost: str) -> Picture:
    if part not in package:
        return Picture(cell, lost, b"")
    return Picture(cell, part.rpartition("/")[2], package[part])
