"""Operate a headless LibreOffice Calc as a clerk does, by one JSON request a line.

Run by the system's Python, the only one that can import ``uno``; the tests send
requests from their own Python through :mod:`tests.office.calc`. A request is
``{"do": "type", "ref": "J6", "text": "已完成"}``; the answer is one line, ``{"ok": …}`` or
``{"error": "…"}``. The first line, ``{"ok": "ready"}``, is sent without a request.
LibreOffice is stopped at the end of the input.

Text is typed as key events into the grid, as a user types: setting ``cell.String``
bypasses locks and validations, ``.uno:EnterString`` bypasses validations.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.datatransfer import DataFlavor, XTransferable
from com.sun.star.table import TableSortField

_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".pdf": "calc_pdf_Export",
    ".csv": "Text - txt - csv (StarCalc)",
    ".html": "HTML (StarCalc)",
    ".fods": "OpenDocument Spreadsheet Flat XML",
}
# Comma, quotation mark, UTF-8, first row.
_OPTIONS = {".csv": "44,34,76,1"}
# Formats to which a copy is exported; the open file keeps its own format.
_COPIES = (".pdf", ".csv", ".html")
# The constants of com.sun.star.sheet.CellFlags and FormulaResult.
_FORMULA_CELLS = 16
_TEXT_RESULT, _ERROR_RESULT = 2, 4
_START_SECONDS = 60
_KEY_SECONDS = 10


def make_properties(**named: Any) -> tuple[Any, ...]:
    """Return keyword arguments as a tuple of UNO's PropertyValue."""
    values = []
    for name, value in named.items():
        property_value = PropertyValue()
        property_value.Name, property_value.Value = name, value
        values.append(property_value)
    return tuple(values)


class ClipboardText(unohelper.Base, XTransferable):
    """A text for the clipboard; the method names are those of XTransferable."""

    def __init__(self, text: str) -> None:
        self._text = text

    def getTransferData(self, _flavor: Any) -> str:  # noqa: N802
        return self._text

    def getTransferDataFlavors(self) -> tuple[Any]:  # noqa: N802
        flavor = DataFlavor()
        flavor.MimeType = "text/plain;charset=utf-16"
        flavor.DataType = uno.getTypeByName("string")
        return (flavor,)

    def isDataFlavorSupported(self, flavor: Any) -> bool:  # noqa: N802
        return bool(flavor.MimeType == "text/plain;charset=utf-16")


class Office:
    """A LibreOffice process with its own profile and pipe, apart from any other."""

    def __init__(self, profile: Path) -> None:
        pipe = f"ledgerbook{uuid.uuid4().hex}"
        connection = f"pipe,name={pipe};urp;StarOffice.ComponentContext"
        self._process = subprocess.Popen(
            [
                "soffice",
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nofirststartwizard",
                f"-env:UserInstallation={profile.resolve().as_uri()}",
                f"--accept={connection}",
            ],
            env={**os.environ, "LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._context = self._connect(f"uno:{connection}")
        self._desktop = self.service("com.sun.star.frame.Desktop")
        self._set_locale("zh-CN")
        # Else a typed 123 would be completed to 12345678 if that is above it.
        settings = self.service("com.sun.star.sheet.GlobalSheetSettings")
        settings.DoAutoComplete = False
        # No dialogue when pasting over filled cells.
        settings.ReplaceCellsWarning = False
        # No dialogue about the format when saving with Ctrl+S.
        self._configure("Office.Common/Save/Document", WarnAlienFormat=False)

    def _connect(self, address: str) -> Any:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return resolver.resolve(address)
            except Exception:  # uno has no exception class for "not started yet"
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def _set_locale(self, locale: str) -> None:
        """Set the locale for typed dates; takes effect for files opened later."""
        self._configure("Setup/L10N", ooSetupSystemLocale=locale)

    def _configure(self, node: str, **settings: Any) -> None:
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess",
            make_properties(nodepath=f"/org.openoffice.{node}"),
        )
        for name, value in settings.items():
            setattr(access, name, value)
        access.commitChanges()

    def load(self, path: str) -> Any:
        """Open a file in a window: a hidden file has no grid and loses its frozen panes."""
        url = path if path.startswith("private:") else Path(path).as_uri()
        return self._desktop.loadComponentFromURL(url, "_blank", 0, ())

    def load_new(self) -> Any:
        return self.load("private:factory/scalc")

    def stop(self) -> None:
        try:
            self._desktop.terminate()
            self._process.wait(10)
        except Exception:  # noqa: BLE001  the process must end in any case
            self._process.kill()


class User:
    """Types into the grid of one open file.

    Headless Calc closes the alert of a validation by itself, with "cancel". The message
    about a locked cell stays open, but typing still works if the grid was fetched before.
    """

    def __init__(self, office: Office, document: Any) -> None:
        self._controller = document.CurrentController
        self._screen = office.service("org.libreoffice.uitest.UITest")
        self._clipboard = office.service("com.sun.star.datatransfer.clipboard.SystemClipboard")
        self._grid = self._screen.getTopFocusWindow().getChild("grid_window")

    def select(self, cells: Any) -> None:
        """Select cells on any sheet: the grid of UITest knows only the first."""
        self._controller.select(cells)

    def type(self, text: str) -> None:
        self._execute("TYPE", TEXT=text)
        self.press("RETURN")
        # Ends the edit mode if the entry was refused; does nothing otherwise.
        self.press("ESC")

    def paste(self, text: str) -> None:
        """Paste a text in edit mode, as into an open cell."""
        self._clipboard.setContents(ClipboardText(text), None)
        for key in ("F2", "CTRL+v", "RETURN", "ESC"):
            self.press(key)

    def press(self, key: str) -> None:
        self._execute("TYPE", KEYCODE=key)

    def paste_over(self, text: str) -> None:
        """Paste onto the selected cell, which bypasses its validation."""
        self._clipboard.setContents(ClipboardText(text), None)
        self.press("CTRL+v")

    def drop_down(self, column: int, row: int) -> Any:
        """Click on the arrow beside a cell; return the list that drops down."""
        self._execute("LAUNCH", SELECTMENU="", COL=str(column), ROW=str(row))
        return self._screen.getFloatWindow().getChild("list")

    def drop_down_by_key(self) -> Any:
        """Press Alt+Down in a cell; return the list that drops down."""
        self.press("ALT+DOWN")
        return self._screen.getFloatWindow().getChild("list")

    def _execute(self, action: str, **named: str) -> None:
        """Execute an action of the grid in a thread, so that an open alert cannot block forever."""
        parameters = make_properties(**named)
        thread = threading.Thread(
            target=lambda: self._grid.executeAction(action, parameters), daemon=True
        )
        thread.start()
        thread.join(_KEY_SECONDS)
        if thread.is_alive():
            raise TimeoutError(f"{action} {named} did not end in {_KEY_SECONDS} s")


class OfficeSession:
    """One open file at a time, and the requests that can be made of it.

    Every public method is a request; ``sheet`` is the sheet's index from 0, ``ref`` a
    cell's name such as J6.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._document: Any = None
        self._user: User

    # -- the file ----------------------------------------------------------------

    def open(self, path: str) -> list[str]:
        """Close the open file, open another; return the names of its sheets."""
        self.close()
        self._document = self._office.load(path)
        self._user = User(self._office, self._document)
        return list(self._document.Sheets.ElementNames)

    def close(self) -> None:
        if self._document is not None:
            self._document.close(True)
            self._document = None

    def save(self, path: str, password: str = "") -> None:
        """Save under another name, in the format of its suffix."""
        target = Path(path)
        locked = {"Password": password} if password else {}
        options = _OPTIONS.get(target.suffix, "")
        how = make_properties(FilterName=_FILTERS[target.suffix], FilterOptions=options, **locked)
        if target.suffix in _COPIES:
            self._document.storeToURL(target.as_uri(), how)
        else:
            self._document.storeAsURL(target.as_uri(), how)

    def recalculate(self) -> None:
        """Compute every formula again (Ctrl+Shift+F9)."""
        self.dispatch(".uno:CalculateHard")

    # -- typing -------------------------------------------------------------------

    def type(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Type into a cell and press Enter; return whether the cell changed."""
        before = self._cell(ref, sheet).Formula
        self._user.select(self._cell(ref, sheet))
        self._user.type(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def clear(self, ref: str, sheet: int = 0) -> bool:
        """Press Delete on a cell; return whether it is blank."""
        self._user.select(self._cell(ref, sheet))
        self._user.press("DELETE")
        return not self._cell(ref, sheet).Formula

    def paste(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Paste a text into an empty cell; return whether the cell changed."""
        before = self._cell(ref, sheet).Formula
        self._user.select(self._cell(ref, sheet))
        self._user.paste(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def put(self, ref: str, text: str, sheet: int = 0) -> None:
        """Set a cell's text, bypassing locks and validations, as pasting cells does."""
        self._cell(ref, sheet).String = text

    def list_choices(self, ref: str, sheet: int = 0) -> list[str]:
        """Open the drop-down list of a cell, return its lines, and close it."""
        lines = self._drop_down(ref, sheet)
        offered = _list_item_texts(lines)
        lines.executeAction("TYPE", make_properties(KEYCODE="ESC"))
        return offered

    def pick(self, ref: str, line: int, sheet: int = 0) -> str:
        """Choose a line, from 0, of a drop-down list; return what the cell shows."""
        lines = self._drop_down(ref, sheet)
        lines.getChild(str(line)).executeAction("SELECT", ())
        lines.executeAction("TYPE", make_properties(KEYCODE="RETURN"))
        return self.text(ref, sheet)

    def choose(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Choose from a drop-down list with the keyboard alone: Alt+Down, arrows."""
        self._user.select(self._cell(ref, sheet))
        lines = self._user.drop_down_by_key()
        found = _list_item_texts(lines)
        for _ in found:
            lines.executeAction("TYPE", make_properties(KEYCODE="DOWN"))
        for _ in found[found.index(text) + 1 :]:
            lines.executeAction("TYPE", make_properties(KEYCODE="UP"))
        lines.executeAction("TYPE", make_properties(KEYCODE="RETURN"))
        return self.text(ref, sheet) == text

    def paste_over(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Paste a text onto a cell, whatever it holds; return whether it changed."""
        before = self._cell(ref, sheet).Formula
        self._user.select(self._cell(ref, sheet))
        self._user.paste_over(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def press_save(self) -> None:
        """Press Ctrl+S and wait until the file on the disk is another."""
        path = Path(unohelper.fileUrlToSystemPath(self._document.URL))
        before, deadline = path.stat(), time.monotonic() + _KEY_SECONDS
        self._user.press("CTRL+s")
        while self._document.isModified() or _is_unchanged(before, path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path.name} was not saved")
            time.sleep(0.05)

    def dispatch(self, command: str, ref: str = "", sheet: int = 0, **named: Any) -> None:
        """Execute a menu command, on the cells ``ref`` if given."""
        cells = self._cell(ref, sheet) if ref else None
        self._dispatch(self._document, cells, command, **named)

    # -- rearranging, as is possible once the protection is removed ----------------

    def unprotect(self, password: str, sheet: int = 0) -> bool:
        """Remove the protection of a sheet; return whether it is still protected."""
        one = self._sheet(sheet)
        one.unprotect(password)
        return bool(one.isProtected())

    def insert_rows(self, row: int, count: int = 1, sheet: int = 0) -> None:
        """Insert blank rows above ``row``, which is numbered from 0."""
        self._sheet(sheet).Rows.insertByIndex(row, count)

    def delete_rows(self, row: int, count: int = 1, sheet: int = 0) -> None:
        self._sheet(sheet).Rows.removeByIndex(row, count)

    def insert_columns(self, column: int, count: int = 1, sheet: int = 0) -> None:
        self._sheet(sheet).Columns.insertByIndex(column, count)

    def delete_columns(self, column: int, count: int = 1, sheet: int = 0) -> None:
        self._sheet(sheet).Columns.removeByIndex(column, count)

    def move(self, area: str, to: str, sheet: int = 0) -> None:
        """Cut cells and paste them elsewhere on the sheet."""
        source, target = self._cell(area, sheet), self._cell(to, sheet)
        self._sheet(sheet).moveRange(target.CellAddress, source.RangeAddress)

    def copy(self, area: str, to: str, sheet: int = 0) -> None:
        """Copy cells and paste them elsewhere on the sheet."""
        source, target = self._cell(area, sheet), self._cell(to, sheet)
        self._sheet(sheet).copyRange(target.CellAddress, source.RangeAddress)

    def paste_from(self, path: str, area: str, to: str, sheet: int = 0) -> None:
        """Copy cells of another file and paste them here."""
        self._unlock_sheets()
        other = self._office.load(path)
        try:
            cells = other.Sheets.getByIndex(0).getCellRangeByName(area)
            self._dispatch(other, cells, ".uno:Copy")
        finally:
            other.close(True)
        self._dispatch(self._document, self._cell(to, sheet), ".uno:Paste")

    def sort(self, area: str, column: int, sheet: int = 0) -> None:
        """Sort the rows of ``area`` by its column ``column`` from 0, last to first."""
        field = TableSortField()
        field.Field, field.IsAscending = column, False
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        how = make_properties(SortFields=fields, ContainsHeader=False)
        self._cell(area, sheet).sort(how)

    def merge(self, area: str, sheet: int = 0) -> None:
        self._cell(area, sheet).merge(True)

    def hide(self, area: str, rows: bool, sheet: int = 0) -> None:
        """Hide the rows, or else the columns, of ``area``."""
        cells = self._cell(area, sheet)
        (cells.Rows if rows else cells.Columns).IsVisible = False

    def remove_validations(self, area: str, sheet: int = 0) -> None:
        """Remove the validations of cells, as pasting from another file does."""
        cells = self._cell(area, sheet)
        rule = cells.Validation
        rule.Type = uno.Enum("com.sun.star.sheet.ValidationType", "ANY")
        cells.Validation = rule

    def format_as_text(self, area: str, sheet: int = 0) -> None:
        """Format cells as text, so that typed dates and numbers stay text."""
        formats, locale = self._document.NumberFormats, self._document.CharLocale
        key = formats.queryKey("@", locale, False)
        self._cell(area, sheet).NumberFormat = key

    def _unlock_sheets(self) -> None:
        """Click on 保护工作簿, which has no password: until then no sheet can be moved."""
        self._document.unprotect("")

    def rename_sheet(self, name: str, sheet: int = 0) -> None:
        self._unlock_sheets()
        self._sheet(sheet).Name = name

    def move_sheet(self, to: int, sheet: int = 0) -> None:
        self._unlock_sheets()
        self._document.Sheets.moveByName(self._sheet(sheet).Name, to)

    def copy_sheet(self, name: str, to: int, sheet: int = 0) -> None:
        self._unlock_sheets()
        self._document.Sheets.copyByName(self._sheet(sheet).Name, name, to)

    def delete_sheet(self, name: str) -> None:
        self._unlock_sheets()
        self._document.Sheets.removeByName(name)

    def import_sheet(self, path: str) -> None:
        """Copy the first sheet of another file into this one, behind its first."""
        other = self._office.load(path)
        try:
            name = other.Sheets.getByIndex(0).Name
            self._document.Sheets.importSheet(other, name, 1)
        finally:
            other.close(True)

    def paste_to_new(self, area: str, hidden: bool = False, sheet: int = 0) -> None:
        """Paste the visible cells of ``area``, or all, into a new workbook; continue with it.

        Copying the whole sheet into a new workbook sometimes crashes LibreOffice 7.4.
        """
        old, cells = self._document, self._cell(area, sheet)
        self._dispatch(old, cells if hidden else cells.queryVisibleCells(), ".uno:Copy")
        self._document = self._office.load_new()
        self._dispatch(self._document, self._cell("A1", 0), ".uno:Paste")
        old.close(True)

    # -- reading -----------------------------------------------------------------

    def text(self, ref: str, sheet: int = 0) -> str:
        """Return the displayed text of a cell."""
        return str(self._cell(ref, sheet).String)

    def values(self, sheet: int = 0) -> list[list[str | float]]:
        """Return the values of all rows from A1 to the last used cell."""
        one = self._sheet(sheet)
        width, height = self._measure_used_area(one)
        used = one.getCellRangeByPosition(0, 0, width - 1, height - 1)
        return [list(row) for row in used.getDataArray()]

    def formulas(self, sheet: int = 0) -> dict[str, str | float]:
        """Return the result of every formula of a sheet by its cell name."""
        found = self._sheet(sheet).queryContentCells(_FORMULA_CELLS)
        return {_format_reference(cell): _get_formula_value(cell) for cell in found.Cells}

    def errors(self) -> list[str]:
        """Return the cells of all sheets whose formula gives an error."""
        found = []
        for sheet in self._document.Sheets:
            ranges = sheet.queryFormulaCells(_ERROR_RESULT).RangeAddressesAsString
            found += [one for one in ranges.split(";") if one]
        return found

    def validation(self, ref: str, sheet: int = 0) -> dict[str, Any]:
        """Return the validation of a cell: its type, prompt and error message."""
        rule = self._cell(ref, sheet).Validation
        return {
            "type": rule.Type.value,
            "alert": rule.ErrorAlertStyle.value,
            "list": rule.ShowList,
            "prompt": rule.InputMessage if rule.ShowInputMessage else "",
            "error": rule.ErrorMessage if rule.ShowErrorMessage else "",
        }

    def layout(self, sheet: int = 0) -> dict[str, Any]:
        """Return what is frozen and hidden on a sheet, and the heights of its rows."""
        one = self._sheet(sheet)
        width, height = self._measure_used_area(one)
        controller = self._document.CurrentController
        controller.setActiveSheet(one)
        rows = [one.Rows.getByIndex(n) for n in range(height)]
        columns = [one.Columns.getByIndex(n) for n in range(width)]
        return {
            "frozen": [controller.SplitColumn, controller.SplitRow],
            "is_frozen": controller.hasFrozenPanes(),
            "hidden_rows": [n for n, row in enumerate(rows) if not row.IsVisible],
            "hidden_columns": [n for n, c in enumerate(columns) if not c.IsVisible],
            "heights": [row.Height for row in rows],
            "visible_sheets": [s.Name for s in self._document.Sheets if s.IsVisible],
            "protected": one.isProtected(),
        }

    # -- helpers -----------------------------------------------------------------

    def _sheet(self, sheet: int) -> Any:
        return self._document.Sheets.getByIndex(sheet)

    def _cell(self, ref: str, sheet: int) -> Any:
        return self._sheet(sheet).getCellRangeByName(ref)

    def _dispatch(self, document: Any, cells: Any, command: str, **named: Any) -> None:
        """Execute a menu command in a file, on ``cells`` if given."""
        controller = document.CurrentController
        if cells is not None:
            controller.select(cells)
        helper = self._office.service("com.sun.star.frame.DispatchHelper")
        helper.executeDispatch(controller.Frame, command, "", 0, make_properties(**named))

    def _drop_down(self, ref: str, sheet: int) -> Any:
        address = self._cell(ref, sheet).CellAddress
        self._user.select(self._cell(ref, sheet))
        return self._user.drop_down(address.Column, address.Row)

    def _measure_used_area(self, sheet: Any) -> tuple[int, int]:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        address = cursor.RangeAddress
        return address.EndColumn + 1, address.EndRow + 1


def _is_unchanged(before: os.stat_result, path: Path) -> bool:
    """Whether a file has not been written since ``before``; it is missing while replaced."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return True
    return (now.st_mtime_ns, now.st_ino) == (before.st_mtime_ns, before.st_ino)


def _format_reference(cell: Any) -> str:
    return str(cell.AbsoluteName.rpartition(".")[2].replace("$", ""))


def _get_formula_value(formula: Any) -> str | float:
    if formula.FormulaResultType2 == _TEXT_RESULT:
        return str(formula.String)
    return float(formula.Value)


def _list_item_texts(lines: Any) -> list[str]:
    """Return the texts of a drop-down list; its items are named by their numbers, as texts."""
    items = [lines.getChild(name) for name in sorted(lines.getChildren(), key=int)]
    return [str(one.Value) for item in items for one in item.getState() if one.Name == "Text"]


def main() -> None:
    profile, *_ = sys.argv[1:]
    office = Office(Path(profile))
    session = OfficeSession(office)
    _write_answer({"ok": "ready"})
    try:
        for line in sys.stdin:
            _write_answer(_handle_request(session, json.loads(line)))
    finally:
        office.stop()


def _handle_request(session: OfficeSession, request: dict[str, Any]) -> dict[str, Any]:
    method = request.pop("do")
    if method.startswith("_"):
        return {"error": f"no such request: {method}"}
    try:
        return {"ok": getattr(session, method)(**request)}
    except Exception as error:  # noqa: BLE001  every failure is reported to the test
        return {"error": f"{method}: {type(error).__name__}: {error}"}


def _write_answer(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
