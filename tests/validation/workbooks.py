"""Check workbooks by what Excel and WPS refuse, repair or ignore beyond the schema.

Limits: “Excel specifications and limits” (see formulas.py), ECMA-376 Part 1 §18, [MS-OI29500].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ledgerbook.text import count_utf16_units
from tests.support.excel_rules import is_valid_defined_name, is_valid_sheet_name
from tests.validation.formulas import (
    MAX_RULE_FORMULA,
    Area,
    KnownNames,
    check_formula,
    do_meet,
    parse_area,
)
from tests.validation.packages import (
    NAMESPACES,
    RELATIONSHIP_ID,
    Finding,
    Package,
    find_repeated,
)

# The children of these elements stand in this order (the sequences of sml.xsd); the
# Open XML SDK checks the whole schema, in fewer files.
_ORDER = {
    "worksheet": (
        "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
        "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews "
        "mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions "
        "pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
        "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects "
        "controls webPublishItems tableParts extLst"
    ),
    "workbook": (
        "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups "
        "externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches extLst"
    ),
    "styleSheet": (
        "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
    ),
}
_REPEATABLE = {"conditionalFormatting"}
# Written out here: a limit that the program has wrong must not be wrong here too.
_MAX_CELL_TEXT, _MAX_HEADER_FOOTER = 32_767, 255
_MAX_LINK, _MAX_LINKS = 2079, 65_530
_MAX_ROW_HEIGHT, _MAX_COLUMN_WIDTH = 409.5, 255
_MAX_CELL_FORMATS, _MAX_FONTS, _MAX_FONT_NAME = 64_000, 1024, 31
_MAX_NUMBER_FORMAT = 255
_MAX_BREAKS = 1026
# Characters of a drop-down's prompt and error message.
_MAX_PROMPTS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 225}
_FIRST_CUSTOM_FORMAT = 164
_ERROR_VALUES = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?([Ee][+-]?\d+)?")
_FOOTER_CODE = re.compile(r'&(&|"[^"]*"|\d{1,3}|K[0-9A-F]{6}|[LCRPNDTZFABSXYEUIOHG])')
_ESCAPED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """What decides how wide a number of this format is: size in points, font, format code."""

    font_size: float
    font_name: str
    code: str


@dataclass(slots=True)
class Book:
    """A workbook's parts and what its sheets refer to."""

    package: Package
    tree: Any
    names: KnownNames
    strings: list[str]
    formats: list[CellFormat]
    rule_format_count: int


@dataclass(slots=True)
class Sheet:
    """A worksheet; ``cells`` is row, column (from 1) → text of the value or None, element."""

    book: Book
    part: str
    tree: Any
    name: str
    merges: list[Area] = field(default_factory=list)
    cells: dict[tuple[int, int], tuple[str | None, Any]] = field(default_factory=dict)

    def find(self, path: str) -> Any:
        return self.tree.find(path, NAMESPACES)

    def find_all(self, path: str) -> list[Any]:
        found: list[Any] = self.tree.findall(path, NAMESPACES)
        return found

    def say(self, rule: str, message: str) -> Finding:
        return Finding(rule, self.name, message)

    def check_formula(self, text: str, at: str, limit: int = 8192) -> Iterator[Finding]:
        yield from check_formula(text, f"{self.name}!{at}", self.book.names, limit)


def check_workbook(package: Package) -> Iterator[Finding]:
    """Yield everything that is wrong in a workbook, but for the rules of the package."""
    tree = package.trees[package.main_part]
    styles = package.find_tree(package.main_part, "styles")
    book = Book(
        package,
        tree,
        _list_names(package, tree),
        _read_strings(package.find_tree(package.main_part, "sharedStrings")),
        _read_formats(styles),
        len(styles.findall("x:dxfs/x:dxf", NAMESPACES)),
    )
    yield from _check_order(tree, "workbook")
    yield from _check_order(styles, "styles")
    yield from _check_styles(styles)
    yield from _check_number_formats(styles)
    yield from _check_sheet_list(book)
    yield from _check_defined_names(book)
    for number, text in enumerate(book.strings):
        yield from _check_text(text, f"shared string {number}")
    for sheet in _read_sheets(book):
        yield from _check_order(sheet.tree, sheet.name)
        for check in _SHEET_CHECKS:
            yield from check(sheet)


def _list_names(package: Package, tree: Any) -> KnownNames:
    sheets = tree.findall("x:sheets/x:sheet", NAMESPACES)
    defined = tree.findall("x:definedNames/x:definedName", NAMESPACES)
    tables = [
        package.trees[name].get("displayName")
        for name, kind in package.types.items()
        if kind.endswith("spreadsheetml.table+xml")
    ]
    return KnownNames(
        frozenset(entry.get("name").casefold() for entry in sheets),
        frozenset(name.casefold() for name in [*(e.get("name") for e in defined), *tables]),
    )


def _read_strings(tree: Any) -> list[str]:
    if tree is None:
        return []
    return [
        _join_texts(entry.xpath("x:t | x:r/x:t", namespaces=NAMESPACES))
        for entry in tree.findall("x:si", NAMESPACES)
    ]


def _join_texts(elements: list[Any]) -> str:
    text = "".join(element.text or "" for element in elements)
    return _ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)


def _read_formats(styles: Any) -> list[CellFormat]:
    codes = {
        entry.get("numFmtId"): entry.get("formatCode")
        for entry in styles.findall("x:numFmts/x:numFmt", NAMESPACES)
    }
    # The built-in formats that the program uses (ECMA-376 Part 1 §18.8.30).
    codes |= {"9": "0%", "10": "0.00%", "14": "yyyy-mm-dd"}
    fonts = styles.findall("x:fonts/x:font", NAMESPACES)
    formats = []
    for entry in styles.findall("x:cellXfs/x:xf", NAMESPACES):
        font = fonts[min(int(entry.get("fontId", 0)), len(fonts) - 1)]
        size, name = font.find("x:sz", NAMESPACES), font.find("x:name", NAMESPACES)
        code = codes.get(entry.get("numFmtId", "0"), "General")
        formats.append(CellFormat(float(size.get("val")), name.get("val"), code))
    return formats


def _read_sheets(book: Book) -> Iterator[Sheet]:
    related = book.package.relationships[book.package.main_part]
    for entry in book.tree.findall("x:sheets/x:sheet", NAMESPACES):
        target = related[entry.get(RELATIONSHIP_ID)].target
        yield Sheet(book, target, book.package.trees[target], entry.get("name"))


def _check_order(tree: Any, place: str) -> Iterator[Finding]:
    """Yield the first child that stands before one it must follow, or is unknown or repeated."""
    root = tree.tag.rpartition("}")[2]
    order = _ORDER[root].split() if root in _ORDER else []
    last = -1
    for child in tree if order else ():
        name = child.tag.rpartition("}")[2]
        position = order.index(name) if name in order else -1
        if position < last or (position == last and name not in _REPEATABLE):
            yield Finding("element-order", place, f"<{name}> in <{root}>")
            return
        last = position


def _check_text(text: str, place: str) -> Iterator[Finding]:
    if count_utf16_units(text) > _MAX_CELL_TEXT:
        yield Finding("text-length", place, f"{count_utf16_units(text)} characters")
    if re.search(r"[\ud800-\udfff\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]", text):
        yield Finding("text-character", place, "a character that no cell can hold")


# --- the workbook ---


def _check_sheet_list(book: Book) -> Iterator[Finding]:
    place = book.package.main_part
    entries = book.tree.findall("x:sheets/x:sheet", NAMESPACES)
    for repeated in find_repeated(entry.get("name").casefold() for entry in entries):
        yield Finding("sheet-name", place, f"{repeated!r} twice")
    if find_repeated(entry.get("sheetId") for entry in entries):
        yield Finding("sheet-id", place, "an id twice")
    for entry in entries:
        if not is_valid_sheet_name(entry.get("name")):
            yield Finding("sheet-name", place, repr(entry.get("name")))
    visible = {
        number for number, entry in enumerate(entries) if entry.get("state", "visible") == "visible"
    }
    view = book.tree.find("x:bookViews/x:workbookView", NAMESPACES)
    active = int(view.get("activeTab", 0)) if view is not None else 0
    if active not in visible:
        yield Finding("active-sheet", place, f"sheet {active} is hidden or not there")
    # What is typed goes into every selected sheet.
    related = book.package.relationships[place]
    trees = [book.package.trees[related[entry.get(RELATIONSHIP_ID)].target] for entry in entries]
    selected = {
        n
        for n, tree in enumerate(trees)
        if tree.xpath("x:sheetViews/x:sheetView[@tabSelected='1']", namespaces=NAMESPACES)
    }
    if not selected <= {active}:
        yield Finding("active-sheet", place, f"sheets {selected} are selected, {active} is active")


def _check_defined_names(book: Book) -> Iterator[Finding]:
    place = book.package.main_part
    entries = book.tree.findall("x:definedNames/x:definedName", NAMESPACES)
    sheet_names = [entry.get("name") for entry in book.tree.findall("x:sheets/x:sheet", NAMESPACES)]
    keys = [(entry.get("name").casefold(), entry.get("localSheetId")) for entry in entries]
    for name, _ in find_repeated(keys):
        yield Finding("defined-name", place, f"{name} twice")
    for entry in entries:
        name, sheet_number = entry.get("name"), entry.get("localSheetId")
        if not is_valid_defined_name(name.removeprefix("_xlnm.")):
            yield Finding("defined-name", place, f"{name!r} is not allowed")
        yield from check_formula(entry.text or "", f"name {name}", book.names)
        if name.startswith("_xlnm.") and sheet_number is not None:
            own_sheet = sheet_names[int(sheet_number)].replace("'", "''")
            sheets = re.findall(r"(?:'((?:[^']|'')+)'|([^',!]+))!", entry.text or "")
            if any((quoted or bare) != own_sheet for quoted, bare in sheets):
                yield Finding("defined-name", place, f"{name} of another sheet than {own_sheet}")


def _check_styles(styles: Any) -> Iterator[Finding]:
    place = "styles"
    sizes = {
        name: len(styles.findall(f"x:{name}/*", NAMESPACES))
        for name in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs")
    }
    for name, size in sizes.items():
        group = styles.find(f"x:{name}", NAMESPACES)
        if group is not None and int(group.get("count", size)) != size:
            yield Finding(
                "style-count", place, f"{name}: {group.get('count')} stated, {size} there"
            )
    if sizes["cellXfs"] > _MAX_CELL_FORMATS or sizes["fonts"] > _MAX_FONTS:
        yield Finding("style-count", place, "more formats or fonts than Excel allows")
    groups = {"fontId": "fonts", "fillId": "fills", "borderId": "borders", "xfId": "cellStyleXfs"}
    for entry in styles.findall("x:cellXfs/x:xf", NAMESPACES):
        for attribute, group_name in groups.items():
            if int(entry.get(attribute, 0)) >= sizes[group_name]:
                yield Finding("style-index", place, f"{attribute} {entry.get(attribute)}")
    for entry in styles.iterfind(".//x:font/x:name", NAMESPACES):
        if count_utf16_units(entry.get("val")) > _MAX_FONT_NAME:
            yield Finding("font-name", place, entry.get("val"))


def _check_number_formats(styles: Any) -> Iterator[Finding]:
    place = "styles"
    number_formats = styles.findall("x:numFmts/x:numFmt", NAMESPACES)
    custom = {entry.get("numFmtId") for entry in number_formats}
    if any(count_utf16_units(e.get("formatCode")) > _MAX_NUMBER_FORMAT for e in number_formats):
        yield Finding("number-format", place, "longer than 255 characters")
    for entry in styles.findall("x:cellXfs/x:xf", NAMESPACES):
        code = entry.get("numFmtId", "0")
        if int(code) >= _FIRST_CUSTOM_FORMAT and code not in custom:
            yield Finding("style-index", place, f"number format {code}")


# --- a sheet: each check yields what it finds, in this order ---


def _check_columns(sheet: Sheet) -> Iterator[Finding]:
    last = 0
    for column in sheet.find_all("x:cols/x:col"):
        first = int(column.get("min"))
        if first <= last or int(column.get("max")) < first:
            yield sheet.say("column-order", f"column {first} after {last}")
        last = int(column.get("max"))
        if float(column.get("width", 8)) > _MAX_COLUMN_WIDTH:
            yield sheet.say("column-width", column.get("width"))
        if int(column.get("style", 0)) >= len(sheet.book.formats):
            yield sheet.say("style-index", f"column {first}")


def _check_cells(sheet: Sheet) -> Iterator[Finding]:
    """Check rows and cells, and store the cells for the later checks."""
    last_row = 0
    for row in sheet.find_all("x:sheetData/x:row"):
        number = int(row.get("r", last_row + 1))
        if number <= last_row:
            yield sheet.say("row-order", f"row {number} after {last_row}")
        last_row = number
        if float(row.get("ht", 0)) > _MAX_ROW_HEIGHT:
            yield sheet.say("row-height", f"row {number}: {row.get('ht')}")
        last_column = 0
        for cell in row.findall("x:c", NAMESPACES):
            reference = cell.get("r", "")
            area = parse_area(reference)
            if area is None or area[0] != number or area[1] <= last_column:
                yield sheet.say("cell-order", f"{reference} in row {number}")
                continue
            last_column = area[1]
            if int(cell.get("s", 0)) >= len(sheet.book.formats):
                yield sheet.say("style-index", reference)
            sheet.cells[number, last_column] = (_read_value(sheet.book, cell), cell)
            yield from _check_cell(sheet, cell, reference)


def _read_value(book: Book, cell: Any) -> str | None:
    """Return the value as text; None for none and for a shared string that is not there."""
    if cell.get("t") == "inlineStr":
        return _join_texts(cell.findall(".//x:t", NAMESPACES))
    # openpyxl writes an empty value for a formula that nothing has computed.
    value: str | None = cell.findtext("x:v", None, NAMESPACES) or None
    if cell.get("t") == "s":
        is_there = value is not None and value.isdigit() and int(value) < len(book.strings)
        return book.strings[int(value or 0)] if is_there else None
    return value


def _check_cell(sheet: Sheet, cell: Any, reference: str) -> Iterator[Finding]:
    kind, (value, _) = cell.get("t", "n"), next(reversed(sheet.cells.values()))
    if kind == "s" and value is None:
        yield sheet.say("shared-string", f"{reference} refers to none")
    if kind in {"str", "inlineStr"}:
        yield from _check_text(value or "", f"{sheet.name}!{reference}")
    if kind == "n" and value is not None and not _NUMBER.fullmatch(value):
        yield sheet.say("cell-number", f"{reference}: {value}")
    if kind == "e" and value not in _ERROR_VALUES:
        yield sheet.say("cell-error", f"{reference}: {value}")
    formula = cell.find("x:f", NAMESPACES)
    if formula is not None and formula.get("t") != "shared":
        yield from sheet.check_formula(formula.text or "", reference)


def _check_merges(sheet: Sheet) -> Iterator[Finding]:
    for entry in sheet.find_all("x:mergeCells/x:mergeCell"):
        area = parse_area(entry.get("ref"))
        if area is None or area[:2] == area[2:]:
            yield sheet.say("merge", f"{entry.get('ref')} is no range of cells")
        else:
            sheet.merges.append(area)
    for one, other in _find_meeting(sheet.merges):
        yield sheet.say("merge", f"{one} and {other} overlap")
    for top, left, bottom, right in sheet.merges:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left) and sheet.cells.get((row, column), ("",))[0]:
                    yield sheet.say("merge", f"hides the value in row {row}, column {column}")


def _find_meeting(areas: list[Area]) -> Iterator[tuple[Area, Area]]:
    """Yield the areas that have a cell in common, each with the first one that it meets."""
    open_areas: list[Area] = []
    for area in sorted(areas):
        open_areas = [other for other in open_areas if other[2] >= area[0]]
        yield from [(other, area) for other in open_areas if do_meet(other, area)][:1]
        open_areas.append(area)


def _check_number_widths(sheet: Sheet) -> Iterator[Finding]:
    """Yield the columns in which a number or a date is too wide, and shows as ########.

    In pixels at 96 dpi, as Excel computes: 7 for a character of a column's width, and 5 more;
    a digit of a Chinese font is half an em wide, of another 0.507 em (Calibri).
    """
    widths: dict[int, int] = {}
    for column in sheet.find_all("x:cols/x:col"):
        pixels = int(float(column.get("width", 8.43)) * 7 + 0.5)
        hidden = column.get("hidden") in {"1", "true"}
        for number in range(int(column.get("min")), min(int(column.get("max")), 300) + 1):
            widths[number] = 0 if hidden else pixels
    merged = {area[:2]: area for area in sheet.merges}
    narrow: dict[tuple[int, str], str] = {}
    for (row, number), (value, cell) in sheet.cells.items():
        style = int(cell.get("s", 0))
        if cell.get("t", "n") != "n" or style >= len(sheet.book.formats):
            continue
        look = sheet.book.formats[style]
        shown = _show_number(value, look.code)
        em = round(look.font_size * 96 / 72)
        digit = -(-em // 2) if re.search(r"[\u4e00-\u9fff]", look.font_name) else round(em * 0.507)
        area = merged.get((row, number), (row, number, row, number))
        available = sum(widths.get(column, 64) for column in range(area[1], area[3] + 1))
        if shown and 0 < available < digit * len(shown) + 3:
            narrow.setdefault((number, look.code), f"column {number} from row {row} on: {shown}")
    for message in narrow.values():
        yield sheet.say("number-width", message)


def _show_number(value: str | None, code: str) -> str:
    """Return what a cell shows: for an empty one of a date format, the date to be typed."""
    if "y" in code and "m" in code:
        return re.sub(r"[ymd]", "0", code.replace("\\", ""))
    if value is None or not _NUMBER.fullmatch(value):
        return ""
    return f"{float(value) * 100:.1f}%" if "%" in code else f"{float(value):g}"


def _check_filter(sheet: Sheet) -> Iterator[Finding]:
    own_filter = sheet.find("x:autoFilter")
    if own_filter is None:
        return
    area = parse_area(own_filter.get("ref"))
    if area is None or any(do_meet(area, merge) for merge in sheet.merges):
        yield sheet.say("filter", f"{own_filter.get('ref')} is no range, or holds merged cells")


def _check_validations(sheet: Sheet) -> Iterator[Finding]:
    entries = sheet.find_all("x:dataValidations/x:dataValidation")
    group = sheet.find("x:dataValidations")
    if group is not None and int(group.get("count", len(entries))) != len(entries):
        yield sheet.say("validation", f"{group.get('count')} stated, {len(entries)} there")
    areas: list[Area] = []
    for entry in entries:
        at = entry.get("sqref")
        parsed = [parse_area(reference) for reference in at.split()]
        areas += [area for area in parsed if area]
        if not parsed or None in parsed:
            yield sheet.say("validation", f"{at!r} is no range")
        for attribute, limit in _MAX_PROMPTS.items():
            if count_utf16_units(_unescape(entry.get(attribute, ""))) > limit:
                yield sheet.say("validation", f"{at}: {attribute} is over {limit} characters")
        formulas = [
            entry.findtext(f"x:{name}", "", NAMESPACES) for name in ("formula1", "formula2")
        ]
        yield from _check_validation_formulas(sheet, entry, formulas)
    for one, other in _find_meeting(areas):
        yield sheet.say("validation", f"{one} and {other} overlap")


def _unescape(text: str) -> str:
    return _ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)


def _check_validation_formulas(sheet: Sheet, entry: Any, formulas: list[str]) -> Iterator[Finding]:
    at, kind = entry.get("sqref"), entry.get("type", "none")
    is_range = entry.get("operator", "between") in {"between", "notBetween"}
    needed = 0 if kind == "none" else 1 if kind in {"list", "custom"} or not is_range else 2
    if not all(formulas[:needed]):
        yield sheet.say("validation", f"{at}: a formula is missing")
    for formula in filter(None, formulas):
        if kind != "list" or not formula.startswith('"'):
            yield from sheet.check_formula(formula, at, MAX_RULE_FORMULA)
            continue
        choices = formula[1:-1].split(",")
        if count_utf16_units(formula) - 2 > MAX_RULE_FORMULA or '"' in formula[1:-1]:
            yield sheet.say("validation", f"{at}: a list of over 255 characters, or with a quote")
        if any(choice != choice.strip() or not choice for choice in choices):
            yield sheet.say("validation", f"{at}: a choice that is empty or that Excel would trim")


def _check_conditional_formats(sheet: Sheet) -> Iterator[Finding]:
    rules = sheet.find_all("x:conditionalFormatting/x:cfRule")
    for priority in find_repeated(rule.get("priority") for rule in rules):
        yield sheet.say("conditional-format", f"priority {priority} twice")
    for rule in rules:
        at = rule.getparent().get("sqref")
        if any(parse_area(reference) is None for reference in at.split()) or not at:
            yield sheet.say("conditional-format", f"{at!r} is no range")
        if int(rule.get("dxfId", 0)) >= max(1, sheet.book.rule_format_count):
            yield sheet.say("conditional-format", f"{at}: format {rule.get('dxfId')} is not there")
        formulas = [formula.text or "" for formula in rule.findall("x:formula", NAMESPACES)]
        if rule.get("type") in {"expression", "cellIs"} and not formulas:
            yield sheet.say("conditional-format", f"{at}: the formula is missing")
        for formula in formulas:
            yield from sheet.check_formula(formula, at)


def _check_links(sheet: Sheet) -> Iterator[Finding]:
    entries = sheet.find_all("x:hyperlinks/x:hyperlink")
    if len(entries) > _MAX_LINKS or find_repeated(entry.get("ref") for entry in entries):
        yield sheet.say("link", "too many, or two in one cell")
    related = sheet.book.package.relationships.get(sheet.part, {})
    for entry in entries:
        key = entry.get(RELATIONSHIP_ID)
        location = related[key].target if key in related else entry.get("location", "")
        if count_utf16_units(location) > _MAX_LINK:
            yield sheet.say("link", f"{entry.get('ref')}: over {_MAX_LINK} characters")
        if key is None:
            yield from sheet.check_formula(location, entry.get("ref"))


def _check_page(sheet: Sheet) -> Iterator[Finding]:
    for entry in sheet.find_all("x:headerFooter/*"):
        text = entry.text or ""
        if count_utf16_units(text) > _MAX_HEADER_FOOTER or "&" in _FOOTER_CODE.sub("", text):
            yield sheet.say("footer", f"over 255 characters, or with an unknown code: {text[:60]}")
    for group in ("rowBreaks", "colBreaks"):
        breaks = [entry.get("id") for entry in sheet.find_all(f"x:{group}/x:brk")]
        element = sheet.find(f"x:{group}")
        if len(breaks) > _MAX_BREAKS or find_repeated(breaks):
            yield sheet.say("page-breaks", f"{group}: too many, or one twice")
        if element is not None and int(element.get("count", len(breaks))) != len(breaks):
            yield sheet.say("page-breaks", f"{group}: {element.get('count')} stated")
        fit = sheet.find("x:sheetPr/x:pageSetUpPr")
        if breaks and fit is not None and fit.get("fitToPage") in {"1", "true"}:
            yield sheet.say("breaks-with-fit", "Excel ignores breaks of a sheet fitted to pages")


def _check_view(sheet: Sheet) -> Iterator[Finding]:
    for pane in sheet.find_all("x:sheetViews/x:sheetView/x:pane"):
        splits = (float(pane.get("xSplit", 0)) > 0, float(pane.get("ySplit", 0)) > 0)
        names = {
            (True, True): "bottomRight",
            (False, True): "bottomLeft",
            (True, False): "topRight",
        }
        if pane.get("activePane", names.get(splits)) != names.get(splits):
            yield sheet.say("pane", f"{pane.get('activePane')} is active")


def _check_comments(sheet: Sheet) -> Iterator[Finding]:
    """Check that each comment has a shape that shows it, and an author."""
    package = sheet.book.package
    tree = package.find_tree(sheet.part, "comments")
    if tree is None:
        return
    entries = tree.findall(".//x:comment", NAMESPACES)
    authors = tree.findall("x:authors/x:author", NAMESPACES)
    if any(int(entry.get("authorId")) >= len(authors) for entry in entries):
        yield sheet.say("comment", "an author that is not there")
    cells = [parse_area(entry.get("ref")) for entry in entries]
    drawing = package.find_tree(sheet.part, "vmlDrawing")
    data = drawing.iterfind(".//v:ClientData[@ObjectType='Note']", NAMESPACES)
    shapes = {
        tuple(int(note.findtext(f"v:{name}", "0", NAMESPACES)) + 1 for name in ("Row", "Column"))
        for note in data
    }
    if find_repeated(cells) or {area[:2] for area in cells if area} != shapes:
        yield sheet.say("comment", "two in a cell, or shapes at other cells than the comments")


def _check_tables(sheet: Sheet) -> Iterator[Finding]:
    areas = []
    for part in sheet.book.package.find_related(sheet.part, "table"):
        table = sheet.book.package.trees[part]
        name, area = table.get("displayName"), parse_area(table.get("ref"))
        if area is None or area[0] == area[2] or not is_valid_defined_name(name):
            yield sheet.say("table", f"{name!r}: a name or a range that is not allowed")
            continue
        areas.append(area)
        columns = [
            _unescape(entry.get("name"))
            for entry in table.findall("x:tableColumns/x:tableColumn", NAMESPACES)
        ]
        headers = [sheet.cells.get((area[0], c)) for c in range(area[1], area[3] + 1)]
        if columns != [cell[0] for cell in headers if cell]:
            yield sheet.say("table", f"{name}: the header cells differ from the column names")
        if find_repeated(column.casefold() for column in columns):
            yield sheet.say("table", f"{name}: two columns of one name")
        own_filter = table.find("x:autoFilter", NAMESPACES)
        if own_filter is not None and own_filter.get("ref") != table.get("ref"):
            yield sheet.say("table", f"{name}: the filter has another range")
        if any(do_meet(area, merge) for merge in sheet.merges):
            yield sheet.say("table", f"{name}: merged cells in it")
    if any(_find_meeting(areas)):
        yield sheet.say("table", "two tables overlap")
    for formula in _iter_chart_formulas(sheet):
        yield from sheet.check_formula(formula, "chart")


def _iter_chart_formulas(sheet: Sheet) -> Iterator[str]:
    package = sheet.book.package
    for drawing in package.find_related(sheet.part, "drawing"):
        for chart in package.find_related(drawing, "chart"):
            for formula in package.trees[chart].iterfind(".//c:f", NAMESPACES):
                yield formula.text or ""


_SHEET_CHECKS: tuple[Callable[[Sheet], Iterator[Finding]], ...] = (
    _check_columns,
    _check_cells,
    _check_merges,
    _check_number_widths,
    _check_filter,
    _check_validations,
    _check_conditional_formats,
    _check_links,
    _check_page,
    _check_view,
    _check_comments,
    _check_tables,
)
