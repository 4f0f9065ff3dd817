"""Where a workbook keeps pictures: over the cells, and two ways inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledgerbook.returns.raw import Cell, Picture
from ledgerbook.returns.related import UnreadError, attribute, links, placed, xml
from ledgerbook.returns.relations import Package, local, part_named

_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
# What a drawing may hold that is neither picture nor text.
_GRAPHICS = ("graphicFrame", "contentPart")
_WPS = "xl/cellimages.xml"
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
    for anchor in _anchors(xml(package[part])):
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
    part = part_named(package, _WPS)
    if part not in package:
        return {}
    related = {one.id: one.target for one in links(package, part)}
    found: dict[str, str] = {}
    for picture in xml(package[part]).iter():
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
    return [e for e in xml(package[part]) if local(e.tag) == tag]


def _rich_targets(package: Package) -> list[str]:
    part = part_named(package, _RICH + "richValueRel.xml")
    if part not in package:
        return []
    related = {one.id: one.target for one in links(package, part)}
    return [related.get(attribute(e, "id"), "") for e in xml(package[part])]


def _rich_indexes(package: Package) -> Iterator[str]:
    """Yield the rich value of each entry of the value metadata, blank for another."""
    tables: dict[str, list[Any]] = {}
    kinds: list[str] = []
    for table in xml(package[part_named(package, _METADATA)]):
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
