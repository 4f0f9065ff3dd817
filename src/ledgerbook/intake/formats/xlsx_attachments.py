"""Read what a sheet of an .xlsx has beside the values of its cells.

These are notes (comments and conversations), links, text boxes, and pictures: over the cells
(drawings, ECMA-376 Part 1 §20.5) or inside cells, which WPS (DISPIMG) and Excel (rich values,
[MS-XLSX]) store in two different ways. A part that cannot be read is listed in
SheetAttachments.unread, and everything else is still read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from ledgerbook.a1_references import (
    CellPosition,
    find_position_on_sheet,
    parse_area_reference,
    parse_cell_reference,
)
from ledgerbook.intake.formats.drawing_notes import (
    CONTROLS,
    EMBEDDED_FILES,
    GRAPHICS,
    TEXT_BOX_LABEL,
    count_unread,
    join_notes,
    truncate_text,
)
from ledgerbook.intake.formats.ooxml_package import (
    Package,
    Relationship,
    UnreadablePartError,
    collect_text,
    find_part,
    get_attribute,
    get_local_name,
    parse_part,
    read_part_relationships,
)
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    Picture,
    RawSheet,
    RawValue,
    SheetAttachments,
    display_text,
)
from ledgerbook.intake.formats.xlsx_controls import (
    ControlState,
    VmlControls,
    list_control_notes,
    read_control_states,
    read_vml_controls,
)
from ledgerbook.intake.formats.xlsx_scan import MAX_LINKS, MAX_MERGES, SheetLinks
from ledgerbook.text import unescape_ooxml

T = TypeVar("T")
CellValues = Mapping[CellPosition, RawValue]

# The value of a cell with a picture inside: this label and the name of the picture.
PICTURE_LABEL = "（图片）"
_DISPIMG_FORMULA = re.compile(r'\s*=?\s*(?:_xlfn\.)?DISPIMG\(\s*"([^"]+)"', re.IGNORECASE)
_HYPERLINK_FORMULA = re.compile(r'=?\s*HYPERLINK\(\s*"((?:[^"]|"")+)"', re.IGNORECASE)
# The author of the note that repeats a conversation for old programs.
_THREADED_AUTHOR_PREFIX = "tc="
_URL_SCHEME = re.compile(r"(mailto|https?):(//)?", re.IGNORECASE)
_ANCHOR_TAGS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
# Elements of a drawing that are neither pictures nor text: charts, ink.
_GRAPHIC_TAGS = ("graphicFrame", "contentPart")
_WPS_IMAGES_PART = "xl/cellimages.xml"
_METADATA_PART = "xl/metadata.xml"
_RICH_DATA_FOLDER = "xl/richData/"
_RICH_VALUE_TYPE = "XLRICHVALUE"
_IMAGE_KEY = "_rvRel:LocalImageIdentifier"
_INDEX_DIGITS = re.compile(r"[0-9]{1,9}")


def add_attachments(
    sheet: RawSheet, package: Package, part: str, sheet_links: SheetLinks
) -> RawSheet:
    """Return ``sheet`` with its attachments.

    ``part`` is the part of the sheet, ``sheet_links`` what it refers to. The value of a cell
    that has a picture inside becomes PICTURE_LABEL and the picture's name.
    """
    unread = [f"合并区域（只看前 {MAX_MERGES} 个）"] if sheet_links.has_more_merges else []
    no_relationships: tuple[Relationship, ...] = ()
    relationships = _read_or_note(
        "附件的目录",
        no_relationships,
        unread,
        partial(read_part_relationships, package, part),
    )
    notes = _collect_notes(package, relationships, unread)
    floating_pictures: list[Picture] = []
    read_states = partial(read_control_states, package, relationships, sheet_links.controls)
    states: dict[str, ControlState] = _read_or_note(CONTROLS, {}, unread, read_states)
    drawn_controls: dict[str, tuple[CellPosition, str]] = {}
    for relationship in relationships:
        if relationship.kind == "drawing":
            read_drawing = partial(parse_drawing, package, relationship.target, MAX_LINKS, states)
            drawing = _read_or_note("图片", Drawing(), unread, read_drawing)
            drawn_controls |= drawing.controls
            floating_pictures += drawing.pictures
            notes += ((cell, f"{TEXT_BOX_LABEL}{text}") for cell, text in drawing.text_boxes)
            unread += drawing.unread
    vml = VmlControls()
    for relationship in relationships:
        if relationship.kind == "vmlDrawing":
            read_vml = partial(read_vml_controls, package, relationship.target)
            vml = _read_or_note(CONTROLS, VmlControls(), unread, read_vml)
            unread += vml.unread
    notes += list_control_notes(states, drawn_controls, vml)
    cell_pictures = _read_cell_pictures(package, sheet_links, sheet.cells, unread)
    unread += count_unread(EMBEDDED_FILES, len(sheet_links.embedded_objects))
    attachments = SheetAttachments(
        notes=join_notes(notes, unread),
        links=_collect_links(sheet_links, relationships, sheet.cells, unread),
        pictures=(
            *floating_pictures,
            *(picture for picture in cell_pictures.values() if picture.data),
        ),
        merges=tuple(sheet_links.merges),
        unread=tuple(unread),
    )
    picture_values = {cell: _make_picture_value(picture) for cell, picture in cell_pictures.items()}
    return replace(sheet, cells={**sheet.cells, **picture_values}, attachments=attachments)


def _make_picture_value(picture: Picture) -> RawValue:
    """Return the value of a cell with a picture inside; without data, the picture is lost."""
    if picture.data:
        return f"{PICTURE_LABEL}{picture.name}"
    return CellError(picture.name, "picture-missing")


def _read_or_note(label: str, default: T, unread: list[str], read: Callable[[], T]) -> T:
    """Return what ``read`` returns, or ``default`` and a line in ``unread``."""
    try:
        return read()
    except UnreadablePartError as error:
        unread.append(f"{label}（{error}）")
        return default


# --- notes ---


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment; ``is_legacy_copy`` where it repeats a conversation for old programs."""

    cell: CellPosition
    text: str
    is_legacy_copy: bool


def _collect_notes(
    package: Package, relationships: Sequence[Relationship], unread: list[str]
) -> list[tuple[CellPosition, str]]:
    """Return the notes by cell, without the legacy copies of conversations."""
    comments_by_kind: dict[str, list[_Comment]] = {
        "comments": [],
        "threadedComment": [],
    }
    for item in relationships:
        if item.kind in comments_by_kind:
            comments_by_kind[item.kind] += _read_or_note(
                "批注", [], unread, partial(_parse_comments, package, item.target)
            )
    threaded_cells = {item.cell for item in comments_by_kind["threadedComment"]}
    plain_comments = [
        comment
        for comment in comments_by_kind["comments"]
        if not (comment.is_legacy_copy and comment.cell in threaded_cells)
    ]
    return [
        (item.cell, item.text) for item in (*plain_comments, *comments_by_kind["threadedComment"])
    ]


def _parse_comments(package: Package, part: str) -> list[_Comment]:
    if part not in package:
        raise UnreadablePartError("不在文件里")
    root = parse_part(package[part])
    authors = [
        element.text or "" for element in root.iter() if get_local_name(element.tag) == "author"
    ]
    legacy_author_ids = {
        str(number)
        for number, name in enumerate(authors)
        if name.startswith(_THREADED_AUTHOR_PREFIX)
    }
    return [
        _Comment(
            cell,
            _read_comment_text(comment),
            comment.get("authorId", "") in legacy_author_ids,
        )
        for comment in root.iter()
        if get_local_name(comment.tag) in ("comment", "threadedComment")
        and (cell := parse_cell_reference(comment.get("ref", "")))
    ]


def _read_comment_text(comment: Any) -> str:
    """Return the text of a comment, or of one entry of a conversation."""
    if get_local_name(comment.tag) == "threadedComment":
        return "\n".join(
            element.text or "" for element in comment if get_local_name(element.tag) == "text"
        )
    return unescape_ooxml(collect_text(comment))


# --- links ---


def _collect_links(
    sheet_links: SheetLinks,
    relationships: Sequence[Relationship],
    cells: CellValues,
    unread: list[str],
) -> dict[CellPosition, str]:
    targets = {
        link.id: link.target or link.raw_target
        for link in relationships
        if link.kind == "hyperlink"
    }
    targets_by_cell: dict[CellPosition, str] = {}
    for cell, formula in sheet_links.formulas.items():
        if match := _HYPERLINK_FORMULA.match(formula):
            targets_by_cell[cell] = match[1].replace('""', '"')
    for link in sheet_links.links:
        area = parse_area_reference(link.get("ref", ""))
        location = link.get("location", "")
        target = targets.get(link.get("id", ""), "") + (f"#{location}" if location else "")
        if area and target:
            targets_by_cell[area[0]] = target
    distinct_links = {
        cell: truncate_text(target)
        for cell, target in sorted(targets_by_cell.items())
        if _normalize_address(target) != _normalize_address(display_text(cells.get(cell)))
    }
    if len(sheet_links.links) > MAX_LINKS or len(distinct_links) > MAX_LINKS:
        unread.append(f"链接（只取前 {MAX_LINKS} 个）")
    return dict(list(distinct_links.items())[:MAX_LINKS])


def _normalize_address(address: str) -> str:
    """Return an address without scheme, case, escapes and final slash, for comparison."""
    without_scheme = _URL_SCHEME.sub("", unquote(address).strip(), count=1)
    return without_scheme.removesuffix("/").casefold()


# --- pictures inside cells ---


def _read_cell_pictures(
    package: Package, sheet_links: SheetLinks, cells: CellValues, unread: list[str]
) -> dict[CellPosition, Picture]:
    """Return the picture inside each cell that has one.

    A picture that is lost has no data, and the text that the cell shows instead as its name.
    """
    wps_matches = dict(_find_wps_cells(sheet_links, cells))
    wps_parts: Mapping[str, str] = {}
    rich_parts: Mapping[str, str] = {}
    label = "单元格里的图片"
    if wps_matches:
        wps_parts = _read_or_note(label, {}, unread, partial(find_wps_images, package))
    if sheet_links.rich_values:
        rich_parts = _read_or_note(label, {}, unread, partial(find_in_cell_pictures, package))
    pictures = {
        cell: _load_picture(package, cell, wps_parts.get(match[1], ""), match.string.strip())
        for cell, match in wps_matches.items()
    }
    pictures |= {
        cell: _load_picture(package, cell, rich_parts[number], "#VALUE!")
        for cell, number in sheet_links.rich_values.items()
        if number in rich_parts
    }
    return dict(sorted(pictures.items()))


def _find_wps_cells(
    sheet_links: SheetLinks, cells: CellValues
) -> Iterator[tuple[CellPosition, re.Match[str]]]:
    """Yield the cells whose text or formula refers to a picture of WPS."""
    for cell, value in cells.items():
        text = value.text if isinstance(value, CellError) else value
        if isinstance(text, str) and (match := _DISPIMG_FORMULA.match(text)):
            yield cell, match
    for cell, formula in sheet_links.formulas.items():
        if match := _DISPIMG_FORMULA.match(f"={formula}"):
            yield cell, match


def _load_picture(package: Package, cell: CellPosition, part: str, placeholder: str) -> Picture:
    if part not in package:
        return Picture(cell, placeholder, b"")
    return Picture(cell, part.rpartition("/")[2], package[part])


# --- drawings: pictures and text boxes over the cells ---


@dataclass(frozen=True, slots=True)
class Drawing:
    """The pictures and text boxes over a sheet, each at the cell of its top left corner.

    ``controls`` are the cells and texts of form controls by the numbers of their shapes.
    """

    pictures: list[Picture] = field(default_factory=list)
    text_boxes: list[tuple[CellPosition, str]] = field(default_factory=list)
    controls: dict[str, tuple[CellPosition, str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def parse_drawing(
    package: Package, part: str, max_items: int, control_numbers: Container[str] = ()
) -> Drawing:
    """Read at most ``max_items`` pictures and text boxes of a drawing part.

    ``control_numbers`` are the numbers of shapes that are form controls.
    Raises UnreadablePartError.
    """
    if part not in package:
        raise UnreadablePartError("不在文件里")
    relationships = {
        relationship.id: relationship for relationship in read_part_relationships(package, part)
    }
    drawing = Drawing()
    seen_blips: set[tuple[CellPosition, str]] = set()
    lost_count = graphic_count = 0
    for anchor in _iter_anchors(parse_part(package[part])):
        cell = _find_anchor_cell(anchor)
        for blip_id in _iter_blip_ids(anchor):
            blip_relationship = relationships.get(blip_id)
            # A drawing may offer a picture twice, for old and for new programs.
            if (cell, blip_id) in seen_blips:
                continue
            seen_blips.add((cell, blip_id))
            if blip_relationship is None or blip_relationship.target not in package:
                lost_count += 1
            else:
                data = package[blip_relationship.target]
                drawing.pictures.append(
                    Picture(cell, _get_base_name(blip_relationship.target), data)
                )
        text, number = _read_text_box(anchor), _find_shape_number(anchor)
        if number in control_numbers:
            drawing.controls[number] = (cell, text)
        elif text:
            drawing.text_boxes.append((cell, text))
        graphic_count += any(
            get_local_name(element.tag) in _GRAPHIC_TAGS for element in anchor.iter()
        )
        if len(drawing.pictures) + len(drawing.text_boxes) > max_items:
            drawing.unread.append(f"图片（只取前 {max_items} 张）")
            break
    if lost_count:
        drawing.unread.append(f"图片 {lost_count} 张（内容不在文件里）")
    drawing.unread.extend(count_unread(GRAPHICS, graphic_count))
    return drawing


def _get_base_name(part: str) -> str:
    return part.rpartition("/")[2]


def _iter_anchors(root: Any) -> Iterator[Any]:
    """Yield the anchors, also those in the branches of AlternateContent."""
    for child in root:
        if get_local_name(child.tag) == "AlternateContent":
            yield from (element for branch in child for element in branch if _is_anchor(element))
        elif _is_anchor(child):
            yield child


def _is_anchor(element: Any) -> bool:
    return get_local_name(element.tag) in _ANCHOR_TAGS


def _find_anchor_cell(anchor: Any) -> CellPosition:
    """Return the cell of the anchor's top left corner; A1 where it has none."""
    for child in anchor:
        if get_local_name(child.tag) == "from":
            offsets = {
                get_local_name(element.tag): _parse_index(element.text or "") for element in child
            }
            row, column = offsets.get("row"), offsets.get("col")
            if row is not None and column is not None:
                return find_position_on_sheet(row, column) or (0, 0)
    return 0, 0


def _parse_index(text: str) -> int | None:
    """Return a number of at most nine digits; None for any other text."""
    return int(text) if _INDEX_DIGITS.fullmatch(text.strip()) else None


def _iter_blip_ids(element: Any) -> Iterator[str]:
    """Yield the relationship id of each picture below; a linked picture has no part."""
    for descendant in element.iter():
        if get_local_name(descendant.tag) == "blip":
            blip_id = get_attribute(descendant, "embed") or get_attribute(descendant, "link")
            if blip_id:
                yield blip_id


def _find_shape_number(anchor: Any) -> str:
    """Return the number of the first shape of an anchor."""
    return next((e.get("id", "") for e in anchor.iter() if _is_picture_properties(e)), "")


def _read_text_box(anchor: Any) -> str:
    """Return the text of a text box, one line a paragraph."""
    pieces: list[str] = []
    for element in anchor.iter():
        if get_local_name(element.tag) == "p":
            pieces.append("\n")
        elif get_local_name(element.tag) == "t":
            pieces.append(element.text or "")
    return "".join(pieces).strip()


# --- parts of the pictures inside cells ---


def find_wps_images(package: Package) -> Mapping[str, str]:
    """Return WPS picture id → part of the picture. Raises UnreadablePartError."""
    part = find_part(package, _WPS_IMAGES_PART)
    if part not in package:
        return {}
    targets = {
        relationship.id: relationship.target
        for relationship in read_part_relationships(package, part)
    }
    image_parts: dict[str, str] = {}
    for picture in parse_part(package[part]).iter():
        if get_local_name(picture.tag) == "pic":
            image_id = next(
                (
                    element.get("name", "")
                    for element in picture.iter()
                    if _is_picture_properties(element)
                ),
                "",
            )
            target = targets.get(next(_iter_blip_ids(picture), ""), "")
            if image_id and target in package:
                image_parts[image_id] = target
    return image_parts


def _is_picture_properties(element: Any) -> bool:
    return get_local_name(element.tag) == "cNvPr"


def find_in_cell_pictures(package: Package) -> Mapping[str, str]:
    """Return attribute ``vm`` of a cell → part of the Excel picture inside it.

    Four tables lead there: value metadata, rich values, their structures, and the
    relationships of rich values. Raises UnreadablePartError.
    """
    if find_part(package, _METADATA_PART) not in package:
        return {}
    rich_values = _read_rich_elements(package, "rdrichvalue.xml", "rv")
    structures = [
        [key.get("n", "") for key in structure]
        for structure in _read_rich_elements(package, "rdrichvaluestructure.xml", "s")
    ]
    targets = _read_rich_targets(package)
    image_parts: dict[str, str] = {}
    for number, index in enumerate(_iter_rich_indexes(package), 1):
        value = _get_item(rich_values, index)
        keys = _get_item(structures, value.get("s", "")) if value is not None else None
        if value is None or not keys or _IMAGE_KEY not in keys:
            continue
        field_texts = [
            element.text or "" for element in value if get_local_name(element.tag) == "v"
        ]
        image_index = _get_item(field_texts, str(keys.index(_IMAGE_KEY)))
        target = _get_item(targets, image_index or "")
        if target in package:
            image_parts[str(number)] = str(target)
    return image_parts


def _read_rich_elements(package: Package, base_name: str, tag: str) -> list[Any]:
    part = find_part(package, _RICH_DATA_FOLDER + base_name)
    if part not in package:
        return []
    return [element for element in parse_part(package[part]) if get_local_name(element.tag) == tag]


def _read_rich_targets(package: Package) -> list[str]:
    part = find_part(package, _RICH_DATA_FOLDER + "richValueRel.xml")
    if part not in package:
        return []
    targets = {
        relationship.id: relationship.target
        for relationship in read_part_relationships(package, part)
    }
    return [targets.get(get_attribute(element, "id"), "") for element in parse_part(package[part])]


def _iter_rich_indexes(package: Package) -> Iterator[str]:
    """Yield the index of the rich value of each entry of the value metadata; "" for others."""
    blocks_by_table: dict[str, list[Any]] = {}
    type_names: list[str] = []
    for table in parse_part(package[find_part(package, _METADATA_PART)]):
        if get_local_name(table.tag) == "metadataTypes":
            type_names = [element.get("name", "") for element in table]
        elif get_local_name(table.tag) in ("futureMetadata", "valueMetadata"):
            name = table.get("name", "") or get_local_name(table.tag)
            blocks_by_table[name] = [
                element for element in table if get_local_name(element.tag) == "bk"
            ]
    rich_indexes = [
        next(
            (
                element.get("i", "")
                for element in block.iter()
                if get_local_name(element.tag) == "rvb"
            ),
            "",
        )
        for block in blocks_by_table.get(_RICH_VALUE_TYPE, [])
    ]
    for block in blocks_by_table.get("valueMetadata", []):
        record = next((element for element in block if get_local_name(element.tag) == "rc"), None)
        type_number = record.get("t", "") if record is not None else ""
        index = _get_item(rich_indexes, record.get("v", "")) if record is not None else None
        # Types are counted from 1, everything else from 0.
        yield (
            (index or "") if _get_item(["", *type_names], type_number) == _RICH_VALUE_TYPE else ""
        )


def _get_item(items: list[Any], index: str) -> Any:
    """Return the item at a 0-based index that a file gives as text; None where invalid."""
    number = _parse_index(index)
    return items[number] if number is not None and number < len(items) else None
