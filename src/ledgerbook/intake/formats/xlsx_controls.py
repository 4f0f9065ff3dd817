"""Read the check boxes and radio buttons over a sheet of an .xlsx.

Excel 2010 and newer keep the state of a control in a part of its own (ctrlProp, [MS-XLSX]
2.1.10), its text and place in the drawing of the sheet. Older ones keep all in the VML drawing,
where newer ones repeat it (ECMA-376 Part 4 §19.4); LibreOffice repeats it there without the state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledgerbook.a1_references import CellPosition, find_position_on_sheet
from ledgerbook.intake.formats.drawing_notes import (
    SIGNATURE_LINES,
    ControlKind,
    count_unread,
    describe_control,
)
from ledgerbook.intake.formats.ooxml_package import (
    Package,
    Relationship,
    UnreadablePartError,
    get_local_name,
    parse_part,
)

_KINDS = {"CheckBox": ControlKind.CHECK_BOX, "Radio": ControlKind.RADIO_BUTTON}
_VML_KINDS = {kind.casefold(): control for kind, control in _KINDS.items()}
# A VML drawing of notes alone need not be parsed.
_VML_MARKS = re.compile(rb"ObjectType=[\"'](?:checkbox|radio)|<o:signatureline", re.IGNORECASE)
_SHAPE_NUMBER = re.compile(r"_x0000_s(\d{1,9})")
# The numbers of an anchor are column, offset, row, offset of each of two corners.
_ANCHOR = re.compile(r"\s*(\d{1,7})\s*,[^,]*,\s*(\d{1,7})\s*,.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ControlState:
    """What a control is and whether it is ticked."""

    kind: ControlKind
    is_on: bool


@dataclass(frozen=True, slots=True)
class VmlControls:
    """The controls of a VML drawing: number of the shape, cell, state and text of each."""

    controls: list[tuple[str, CellPosition, ControlState, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_control_states(
    package: Package, relationships: Sequence[Relationship], controls: Mapping[str, str]
) -> dict[str, ControlState]:
    """Return the state of each check box and radio button by the number of its shape.

    ``controls`` maps numbers of shapes to ids of relationships. Raises UnreadablePartError.
    """
    targets = {item.id: item.target for item in relationships if item.kind == "ctrlProp"}
    states: dict[str, ControlState] = {}
    for number, relationship_id in controls.items():
        part = targets.get(relationship_id, "")
        if part not in package:
            raise UnreadablePartError("不在文件里")
        properties = parse_part(package[part])
        if kind := _KINDS.get(properties.get("objectType", "")):
            states[number] = ControlState(kind, properties.get("checked") == "Checked")
    return states


def read_vml_controls(package: Package, part: str) -> VmlControls:
    """Read the controls of a VML drawing. Raises UnreadablePartError."""
    data = package.get(part, b"")
    if not _VML_MARKS.search(data):
        return VmlControls()
    vml = VmlControls()
    root = parse_part(data)
    for shape in root.iter():
        if get_local_name(shape.tag) == "shape":
            vml.controls.extend(_read_shape(shape))
    tags = [get_local_name(element.tag) for element in root.iter()]
    vml.unread.extend(count_unread(SIGNATURE_LINES, tags.count("signatureline")))
    return vml


def _read_shape(shape: Any) -> Iterator[tuple[str, CellPosition, ControlState, str]]:
    for data in shape:
        kind = _VML_KINDS.get(data.get("ObjectType", "").casefold())
        if kind:
            facts = {get_local_name(fact.tag): (fact.text or "") for fact in data}
            match = _ANCHOR.fullmatch(facts.get("Anchor", ""))
            cell = find_position_on_sheet(int(match[2]), int(match[1])) if match else None
            number = _SHAPE_NUMBER.fullmatch(shape.get("id", ""))
            texts = (
                "".join(child.itertext())
                for child in shape
                if get_local_name(child.tag) == "textbox"
            )
            state = ControlState(kind, facts.get("Checked", "").strip() == "1")
            yield number[1] if number else "", cell or (0, 0), state, next(texts, "").strip()


def list_control_notes(
    states: Mapping[str, ControlState],
    drawn: Mapping[str, tuple[CellPosition, str]],
    vml: VmlControls,
) -> Iterator[tuple[CellPosition, str]]:
    """Yield the note of each control once.

    ``drawn`` are cell and text by the number of the shape. What no drawing shows is in the VML.
    """
    for number, (cell, text) in drawn.items():
        state = states[number]
        yield cell, describe_control(state.kind, text, is_on=state.is_on)
    for number, cell, vml_state, text in vml.controls:
        if not states or (number in states and number not in drawn):
            state = states.get(number, vml_state)
            yield cell, describe_control(state.kind, text, is_on=state.is_on)
