"""What hangs on a sheet's cells beside their text: notes, links, pictures, merges.

The reader of values sees none of it. A part that cannot be read is told, and takes
nothing else along: the answers are worth more than what hangs on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from ledgerbook.intake.formats.ooxml_package import (
    Package,
    Relation,
    UnreadError,
    area_of,
    attribute,
    cell_of,
    links,
    local,
    parse_part,
    part_named,
    placed,
    texts,
)
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    CellError,
    Picture,
    RawSheet,
    SheetAttachments,
    Value,
    shown,
)
from ledgerbook.intake.formats.xlsx_scan import MOST_LINKS, MOST_MERGES, SheetLinks
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
    sheet: RawSheet, package: Package, part: str, seen: SheetLinks
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
            read = partial(drawing, package, one.target, MOST_LINKS)
            drawn = _tried("图片", Drawing(), unread, read)
            over += drawn.pictures
            notes += ((cell, f"{TEXT_BOX}{text}") for cell, text in drawn.words)
            unread += drawn.unread
    inside = _inside(package, seen, sheet.cells, unread)
    if seen.objects:
        unread.append(f"嵌入的文件 {len(seen.objects)} 个")
    extras = SheetAttachments(
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
    return CellError(picture.name, "picture-missing")


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
    root = parse_part(package[part])
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
    seen: SheetLinks, related: Sequence[Relation], cells: Cells, unread: list[str]
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
    package: Package, seen: SheetLinks, cells: Cells, unread: list[str]
) -> dict[Cell, Picture]:
    """Return the picture of every cell that holds one; without data, if it is lost.

    A lost picture is named by what the cell says instead.
    """
    wanted = dict(_wps_cells(seen, cells))
    images: Mapping[str, str] = {}
    rich: Mapping[str, str] = {}
    what = "单元格里的图片"
    if wanted:
        images = _tried(what, {}, unread, partial(wps_images, package))
    if seen.rich:
        rich = _tried(what, {}, unread, partial(rich_images, package))
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


def _wps_cells(seen: SheetLinks, cells: Cells) -> Iterator[tuple[Cell, re.Match[str]]]:
    """Yield the cells whose text, or whose formula, asks for a picture of WPS."""
    for cell, value in cells.items():
        said = value.text if isinstance(value, CellError) else value
        if isinstance(said, str) and (match := _WPS.match(said)):
            yield cell, match
    for cell, formula in seen.formulas.items():
        if match := _WPS.match(f"={formula}"):
            yield cell, match


def _picture(package: Package, cell: Cell, part: str, lost: str) -> Picture:
    if part not in package:
        return Picture(cell, lost, b"")
    return Picture(cell, part.rpartition("/")[2], package[part])


# Where a workbook keeps pictures: over the cells, and two ways inside them.

_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
# What a drawing may hold that is neither picture nor text.
_GRAPHICS = ("graphicFrame", "contentPart")

_WPS_IMAGES = "xl/cellimages.xml"

_METADATA = "xl/metadata.xml"
_RICH = "xl/richData/"
_RICH_TYPE = "XLRICHVALUE"
_IMAGE_KEY = "_rvRel:LocalImageIdentifier"
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What lies over a sheet: pictures, and the words of text boxes by their cell."""

    pictures: list[Picture] = field(default_factory=list)
    words: list[tuple[Cell, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def drawing(package: Package, part: str, most: int) -> Drawing:
    """Read a drawing part, no more than ``most`` things of it. Raises UnreadError."""
    if part not in package:
        raise UnreadError("不在文件里")
    related = {one.id: one for one in links(package, part)}
    found = Drawing()
    seen: set[tuple[Cell, str]] = set()
    lost = graphics = 0
    for anchor in _anchors(parse_part(package[part])):
        cell = _cell(anchor)
        for name in _blips(anchor):
            link = related.get(name)
            # The same picture may stand there twice, for old programs and new ones.
            if (cell, name) in seen:
                continue
            seen.add((cell, name))
            if link is None or link.target not in package:
                lost += 1
            else:
                data = package[link.target]
                found.pictures.append(Picture(cell, _base(link.target), data))
        if words := _words(anchor):
            found.words.append((cell, words))
        graphics += any(local(e.tag) in _GRAPHICS for e in anchor.iter())
        if len(found.pictures) + len(found.words) > most:
            found.unread.append(f"图片（只取前 {most} 张）")
            break
    if lost:
        found.unread.append(f"图片 {lost} 张（内容不在文件里）")
    if graphics:
        found.unread.append(f"图表等图形 {graphics} 个")
    return found


def _base(part: str) -> str:
    return part.rpartition("/")[2]


def _anchors(root: Any) -> Iterator[Any]:
    """Yield the anchors, also those offered in two versions to choose from."""
    for child in root:
        if local(child.tag) == "AlternateContent":
            yield from (e for branch in child for e in branch if _is_anchor(e))
        elif _is_anchor(child):
            yield child


def _is_anchor(element: Any) -> bool:
    return local(element.tag) in _ANCHORS


def _cell(anchor: Any) -> Cell:
    """Return the cell of the anchor's top left corner; A1 where it has none."""
    for child in anchor:
        if local(child.tag) == "from":
            at = {local(e.tag): _index(e.text or "") for e in child}
            row, column = at.get("row"), at.get("col")
            if row is not None and column is not None:
                return placed(row, column) or (0, 0)
    return 0, 0


def _index(text: str) -> int | None:
    """Read a number as files write it; None for whatever else may stand there."""
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def _blips(element: Any) -> Iterator[str]:
    """Yield the relation of each picture below; a linked one has none, and is lost."""
    for one in element.iter():
        if local(one.tag) == "blip":
            embedded, linked = attribute(one, "embed"), attribute(one, "link")
            if embedded or linked:
                yield embedded or linked


def _words(anchor: Any) -> str:
    """Return what is written in a text box, paragraph by paragraph."""
    pieces: list[str] = []
    for one in anchor.iter():
        if local(one.tag) == "p":
            pieces.append("\n")
        elif local(one.tag) == "t":
            pieces.append(one.text or "")
    return "".join(pieces).strip()


# -- inside the cells -----------------------------------------------------------------


def wps_images(package: Package) -> Mapping[str, str]:
    """Return the part of each picture by its WPS id. Raises UnreadError."""
    part = part_named(package, _WPS_IMAGES)
    if part not in package:
        return {}
    related = {one.id: one.target for one in links(package, part)}
    found: dict[str, str] = {}
    for picture in parse_part(package[part]).iter():
        if local(picture.tag) == "pic":
            name = next((e.get("name", "") for e in picture.iter() if _is_name(e)), "")
            target = related.get(next(_blips(picture), ""), "")
            if name and target in package:
                found[name] = target
    return found


def _is_name(element: Any) -> bool:
    return local(element.tag) == "cNvPr"


def rich_images(package: Package) -> Mapping[str, str]:
    """Return the part of each Excel picture in a cell, by the cell's ``vm``.

    Raises UnreadError. Excel leads there by four tables: value metadata, rich values,
    their structure, and the relations of rich values.
    """
    if part_named(package, _METADATA) not in package:
        return {}
    values = _rich(package, "rdrichvalue.xml", "rv")
    shapes = [
        [key.get("n", "") for key in one]
        for one in _rich(package, "rdrichvaluestructure.xml", "s")
    ]
    targets = _rich_targets(package)
    found: dict[str, str] = {}
    for number, index in enumerate(_rich_indexes(package), 1):
        value = _at(values, index)
        keys = _at(shapes, value.get("s", "")) if value is not None else None
        if value is None or not keys or _IMAGE_KEY not in keys:
            continue
        cells = [e.text or "" for e in value if local(e.tag) == "v"]
        image = _at(cells, str(keys.index(_IMAGE_KEY)))
        target = _at(targets, image or "")
        if target in package:
            found[str(number)] = str(target)
    return found


def _rich(package: Package, base: str, tag: str) -> list[Any]:
    part = part_named(package, _RICH + base)
    if part not in package:
        return []
    return [e for e in parse_part(package[part]) if local(e.tag) == tag]


def _rich_targets(package: Package) -> list[str]:
    part = part_named(package, _RICH + "richValueRel.xml")
    if part not in package:
        return []
    related = {one.id: one.target for one in links(package, part)}
    return [related.get(attribute(e, "id"), "") for e in parse_part(package[part])]


def _rich_indexes(package: Package) -> Iterator[str]:
    """Yield the rich value of each entry of the value metadata, blank for another."""
    tables: dict[str, list[Any]] = {}
    kinds: list[str] = []
    for table in parse_part(package[part_named(package, _METADATA)]):
        if local(table.tag) == "metadataTypes":
            kinds = [e.get("name", "") for e in table]
        elif local(table.tag) in ("futureMetadata", "valueMetadata"):
            name = table.get("name", "") or local(table.tag)
            tables[name] = [e for e in table if local(e.tag) == "bk"]
    rich = [
        next((e.get("i", "") for e in bk.iter() if local(e.tag) == "rvb"), "")
        for bk in tables.get(_RICH_TYPE, [])
    ]
    for bk in tables.get("valueMetadata", []):
        one = next((e for e in bk if local(e.tag) == "rc"), None)
        kind = one.get("t", "") if one is not None else ""
        index = _at(rich, one.get("v", "")) if one is not None else None
        # Kinds are counted from 1, everything else from 0.
        yield (index or "") if _at(["", *kinds], kind) == _RICH_TYPE else ""


def _at(items: list[Any], index: str) -> Any:
    """Return the item that a number in a file points at, or None."""
    number = _index(index)
    return items[number] if number is not None and number < len(items) else None
