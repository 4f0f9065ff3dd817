"""A clerk at a real, headless LibreOffice Calc, obeying one JSON request a line.

Run by the system's Python, the only one that finds ``uno``; the tests talk to it from
their own Python through :mod:`calc`. A request is ``{"do": "type", "ref": "J6",
"text": "已完成"}``; the answer is one line, ``{"ok": …}`` or ``{"error": "…"}``. The
first line, ``{"ok": "ready"}``, comes by itself. The end of the input ends the office.

Text is typed as key events into the grid, because nothing weaker is a user: setting
``cell.String`` passes by locks and validations, ``.uno:EnterString`` by validations.
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
# Commas, quotes, UTF-8: what the dialogue of an office in China offers.
_OPTIONS = {".csv": "44,34,76,1"}
# Formats into which a copy is saved, the file itself staying what it was.
_COPIES = (".pdf", ".csv", ".html")
# The constants of com.sun.star.sheet.CellFlags and FormulaResult.
_FORMULA_CELLS = 16
_TEXT_RESULT, _ERROR_RESULT = 2, 4
_START_SECONDS = 60
_KEY_SECONDS = 10


def properties(**named: Any) -> tuple[Any, ...]:
    """Return UNO's form of keyword arguments."""
    made = []
    for name, value in named.items():
        one = PropertyValue()
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


class Clip(unohelper.Base, XTransferable):
    """A text on its way over the clipboard, named as UNO asks for it."""

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
    """A LibreOffice of our own: its profile and pipe clash with no other."""

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
        self._speak("zh-CN")
        # Else a typed 123 would be completed to a 12345678 above it.
        settings = self.service("com.sun.star.sheet.GlobalSheetSettings")
        settings.DoAutoComplete = False
        # Nobody is there to answer whether to paste over what is filled.
        settings.ReplaceCellsWarning = False
        # Nor whether a workbook saved with Ctrl+S is to stay one of Excel's.
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
            except Exception:  # uno has no class of its own for "not yet"
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def _speak(self, locale: str) -> None:
        """Set the locale by which typed dates are read, before a file is opened."""
        self._configure("Setup/L10N", ooSetupSystemLocale=locale)

    def _configure(self, node: str, **settings: Any) -> None:
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess",
            properties(nodepath=f"/org.openoffice.{node}"),
        )
        for name, value in settings.items():
            setattr(access, name, value)
        access.commitChanges()

    def load(self, path: str) -> Any:
        """Open a file in a window: a hidden one has no grid and loses its panes."""
        url = path if path.startswith("private:") else Path(path).as_uri()
        return self._desktop.loadComponentFromURL(url, "_blank", 0, ())

    def load_new(self) -> Any:
        return self.load("private:factory/scalc")

    def stop(self) -> None:
        try:
            self._desktop.terminate()
            self._process.wait(10)
        except Exception:  # noqa: BLE001  whatever it is, it must not stay behind
            self._process.kill()


class User:
    """Types into the grid of one open file.

    Headless Calc answers the alert of a validation by itself, with "cancel". The box
    that tells of a locked cell stays up but stands in no one's way, as long as the
    grid was taken before it.
    """

    def __init__(self, office: Office, document: Any) -> None:
        self._controller = document.CurrentController
        self._screen = office.service("org.libreoffice.uitest.UITest")
        self._clipboard = office.service("com.sun.star.datatransfer.clipboard.SystemClipboard")
        self._grid = self._screen.getTopFocusWindow().getChild("grid_window")

    def go(self, cells: Any) -> None:
        """Select cells, on whatever sheet: the grid itself only knows the first."""
        self._controller.select(cells)

    def type(self, text: str) -> None:
        self._act("TYPE", TEXT=text)
        self.press("RETURN")
        # Leaves the cell where the entry was refused; does nothing elsewhere.
        self.press("ESC")

    def paste(self, text: str) -> None:
        """Paste into the open cell, as one does with a text from elsewhere."""
        self._clipboard.setContents(Clip(text), None)
        for key in ("F2", "CTRL+v", "RETURN", "ESC"):
            self.press(key)

    def press(self, key: str) -> None:
        self._act("TYPE", KEYCODE=key)

    def paste_over(self, text: str) -> None:
        """Paste onto the cell as a whole, which asks no validation."""
        self._clipboard.setContents(Clip(text), None)
        self.press("CTRL+v")

    def drop_down(self, column: int, row: int) -> Any:
        """Click on the arrow beside a cell; return the list that drops down."""
        self._act("LAUNCH", SELECTMENU="", COL=str(column), ROW=str(row))
        return self._screen.getFloatWindow().getChild("list")

    def drop_down_by_key(self) -> Any:
        """Press Alt+Down in a cell; return the list that drops down."""
        self.press("ALT+DOWN")
        return self._screen.getFloatWindow().getChild("list")

    def _act(self, action: str, **named: str) -> None:
        """Do it beside the main thread: an alert that no one answers must not hang."""
        parameters = properties(**named)
        thread = threading.Thread(
            target=lambda: self._grid.executeAction(action, parameters), daemon=True
        )
        thread.start()
        thread.join(_KEY_SECONDS)
        if thread.is_alive():
            raise TimeoutError(f"{action} {named} was not taken")


class Desk:
    """One open file at a time, and all that a request may ask to do with it.

    Every public method is a request; a sheet is named by its place from 0.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._document: Any = None
        self._user: User

    # -- the file ----------------------------------------------------------------

    def open(self, path: str) -> list[str]:
        """Open a file in the place of the one before; return its sheets' names."""
        self.close()
        self._document = self._office.load(path)
        self._user = User(self._office, self._document)
        return list(self._document.Sheets.ElementNames)

    def close(self) -> None:
        if self._document is not None:
            self._document.close(True)
            self._document = None

    def save(self, path: str, password: str = "") -> None:
        """Save under another name, in the format that the name asks for."""
        target = Path(path)
        locked = {"Password": password} if password else {}
        options = _OPTIONS.get(target.suffix, "")
        how = properties(FilterName=_FILTERS[target.suffix], FilterOptions=options, **locked)
        if target.suffix in _COPIES:
            self._document.storeToURL(target.as_uri(), how)
        else:
            self._document.storeAsURL(target.as_uri(), how)

    def recalculate(self) -> None:
        """Compute every formula afresh, whatever was cached (Ctrl+Shift+F9)."""
        self.dispatch(".uno:CalculateHard")

    # -- doing -------------------------------------------------------------------

    def type(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Type into a cell and press Enter; return whether the cell changed."""
        before = self._cell(ref, sheet).Formula
        self._user.go(self._cell(ref, sheet))
        self._user.type(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def paste(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Paste a text into an empty cell; return whether the cell changed."""
        before = self._cell(ref, sheet).Formula
        self._user.go(self._cell(ref, sheet))
        self._user.paste(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def put(self, ref: str, text: str, sheet: int = 0) -> None:
        """Make a text of a cell past locks and checks, as a paste of cells would."""
        self._cell(ref, sheet).String = text

    def offered(self, ref: str, sheet: int = 0) -> list[str]:
        """Open the drop-down list of a cell, return its lines, and close it."""
        lines = self._drop_down(ref, sheet)
        offered = [_text(lines.getChild(name)) for name in lines.getChildren()]
        lines.executeAction("TYPE", properties(KEYCODE="ESC"))
        return offered

    def pick(self, ref: str, line: int, sheet: int = 0) -> str:
        """Choose a line, from 0, of a drop-down list; return what the cell shows."""
        lines = self._drop_down(ref, sheet)
        lines.getChild(str(line)).executeAction("SELECT", ())
        lines.executeAction("TYPE", properties(KEYCODE="RETURN"))
        return self.text(ref, sheet)

    def choose(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Choose from a drop-down list with the keyboard alone: Alt+Down, arrows."""
        self._user.go(self._cell(ref, sheet))
        lines = self._user.drop_down_by_key()
        found = [_text(lines.getChild(name)) for name in lines.getChildren()]
        for _ in found:
            lines.executeAction("TYPE", properties(KEYCODE="DOWN"))
        for _ in found[found.index(text) + 1 :]:
            lines.executeAction("TYPE", properties(KEYCODE="UP"))
        lines.executeAction("TYPE", properties(KEYCODE="RETURN"))
        return self.text(ref, sheet) == text

    def paste_over(self, ref: str, text: str, sheet: int = 0) -> bool:
        """Paste a text onto a cell, whatever it holds; return whether it changed."""
        before = self._cell(ref, sheet).Formula
        self._user.go(self._cell(ref, sheet))
        self._user.paste_over(text)
        return bool(self._cell(ref, sheet).Formula != before)

    def press_save(self) -> None:
        """Press Ctrl+S and wait until the file on the disk is another."""
        path = Path(unohelper.fileUrlToSystemPath(self._document.URL))
        before, deadline = path.stat(), time.monotonic() + _KEY_SECONDS
        self._user.press("CTRL+s")
        while self._document.isModified() or _same(before, path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path.name} was not saved")
            time.sleep(0.05)

    def dispatch(self, command: str, ref: str = "", sheet: int = 0, **named: Any) -> None:
        """Give a menu command, on the cells ``ref`` if any."""
        cells = self._cell(ref, sheet) if ref else None
        self._give(self._document, cells, command, **named)

    # -- rearranging, as it is done where nothing is locked any more ---------------

    def unprotect(self, password: str, sheet: int = 0) -> bool:
        """Take the protection off; return whether it is still there."""
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

    def take(self, path: str, area: str, to: str, sheet: int = 0) -> None:
        """Paste cells from another file over the clipboard."""
        other = self._office.load(path)
        try:
            cells = other.Sheets.getByIndex(0).getCellRangeByName(area)
            self._give(other, cells, ".uno:Copy")
        finally:
            other.close(True)
        self._give(self._document, self._cell(to, sheet), ".uno:Paste")

    def sort(self, area: str, column: int, sheet: int = 0) -> None:
        """Sort the rows of ``area`` by its column ``column`` from 0, last to first."""
        field = TableSortField()
        field.Field, field.IsAscending = column, False
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        how = properties(SortFields=fields, ContainsHeader=False)
        self._cell(area, sheet).sort(how)

    def merge(self, area: str, sheet: int = 0) -> None:
        self._cell(area, sheet).merge(True)

    def hide(self, area: str, rows: bool, sheet: int = 0) -> None:
        """Hide the rows, or else the columns, of ``area``."""
        cells = self._cell(area, sheet)
        (cells.Rows if rows else cells.Columns).IsVisible = False

    def unchecked(self, area: str, sheet: int = 0) -> None:
        """Take the validations away, as a paste from elsewhere does."""
        cells = self._cell(area, sheet)
        rule = cells.Validation
        rule.Type = uno.Enum("com.sun.star.sheet.ValidationType", "ANY")
        cells.Validation = rule

    def as_text(self, area: str, sheet: int = 0) -> None:
        """Format cells as text: what is typed there stays what it is."""
        formats, locale = self._document.NumberFormats, self._document.CharLocale
        key = formats.queryKey("@", locale, False)
        self._cell(area, sheet).NumberFormat = key

    def rename_sheet(self, name: str, sheet: int = 0) -> None:
        self._sheet(sheet).Name = name

    def move_sheet(self, to: int, sheet: int = 0) -> None:
        self._document.Sheets.moveByName(self._sheet(sheet).Name, to)

    def copy_sheet(self, name: str, to: int, sheet: int = 0) -> None:
        self._document.Sheets.copyByName(self._sheet(sheet).Name, name, to)

    def delete_sheet(self, name: str) -> None:
        self._document.Sheets.removeByName(name)

    def take_sheet(self, path: str) -> None:
        """Copy the first sheet of another file into this one, behind its first."""
        other = self._office.load(path)
        try:
            name = other.Sheets.getByIndex(0).Name
            self._document.Sheets.importSheet(other, name, 1)
        finally:
            other.close(True)

    def paste_to_new(self, area: str, hidden: bool = False, sheet: int = 0) -> None:
        """Go on with a new workbook into which cells are pasted, those seen or all.

        To copy the sheet itself into a new workbook ends LibreOffice 7.4 at times.
        """
        old, cells = self._document, self._cell(area, sheet)
        self._give(old, cells if hidden else cells.queryVisibleCells(), ".uno:Copy")
        self._document = self._office.load_new()
        self._give(self._document, self._cell("A1", 0), ".uno:Paste")
        old.close(True)

    # -- looking -----------------------------------------------------------------

    def text(self, ref: str, sheet: int = 0) -> str:
        """Return what a cell shows."""
        return str(self._cell(ref, sheet).String)

    def values(self, sheet: int = 0) -> list[list[str | float]]:
        """Return what every cell holds, from A1 to the last one in use."""
        one = self._sheet(sheet)
        width, height = self._used(one)
        used = one.getCellRangeByPosition(0, 0, width - 1, height - 1)
        return [list(row) for row in used.getDataArray()]

    def formulas(self, sheet: int = 0) -> dict[str, str | float]:
        """Return what every formula of a sheet comes to, by its reference."""
        found = self._sheet(sheet).queryContentCells(_FORMULA_CELLS)
        return {_ref(cell): _value(cell) for cell in found.Cells}

    def errors(self) -> list[str]:
        """Name every cell, of all sheets, whose formula comes to an error."""
        found = []
        for sheet in self._document.Sheets:
            ranges = sheet.queryFormulaCells(_ERROR_RESULT).RangeAddressesAsString
            found += [one for one in ranges.split(";") if one]
        return found

    def validation(self, ref: str, sheet: int = 0) -> dict[str, Any]:
        """Tell what a cell checks, and what it says to who types there."""
        rule = self._cell(ref, sheet).Validation
        return {
            "type": rule.Type.value,
            "alert": rule.ErrorAlertStyle.value,
            "list": rule.ShowList,
            "prompt": rule.InputMessage if rule.ShowInputMessage else "",
            "error": rule.ErrorMessage if rule.ShowErrorMessage else "",
        }

    def layout(self, sheet: int = 0) -> dict[str, Any]:
        """Tell which parts of a sheet are frozen, hidden, and how high rows are."""
        one = self._sheet(sheet)
        width, height = self._used(one)
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

    # -- within ------------------------------------------------------------------

    def _sheet(self, sheet: int) -> Any:
        return self._document.Sheets.getByIndex(sheet)

    def _cell(self, ref: str, sheet: int) -> Any:
        return self._sheet(sheet).getCellRangeByName(ref)

    def _give(self, document: Any, cells: Any, command: str, **named: Any) -> None:
        """Give a menu command in any open file, on ``cells`` if any."""
        controller = document.CurrentController
        if cells is not None:
            controller.select(cells)
        helper = self._office.service("com.sun.star.frame.DispatchHelper")
        helper.executeDispatch(controller.Frame, command, "", 0, properties(**named))

    def _drop_down(self, ref: str, sheet: int) -> Any:
        address = self._cell(ref, sheet).CellAddress
        self._user.go(self._cell(ref, sheet))
        return self._user.drop_down(address.Column, address.Row)

    def _used(self, sheet: Any) -> tuple[int, int]:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        address = cursor.RangeAddress
        return address.EndColumn + 1, address.EndRow + 1


def _same(before: os.stat_result, path: Path) -> bool:
    """Whether the file has not been written since; it is gone while it is replaced."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return True
    return (now.st_mtime_ns, now.st_ino) == (before.st_mtime_ns, before.st_ino)


def _ref(cell: Any) -> str:
    return str(cell.AbsoluteName.rpartition(".")[2].replace("$", ""))


def _value(formula: Any) -> str | float:
    if formula.FormulaResultType2 == _TEXT_RESULT:
        return str(formula.String)
    return float(formula.Value)


def _text(item: Any) -> str:
    return next(str(one.Value) for one in item.getState() if one.Name == "Text")


def main() -> None:
    profile, *_ = sys.argv[1:]
    office = Office(Path(profile))
    desk = Desk(office)
    _say({"ok": "ready"})
    try:
        for line in sys.stdin:
            _say(_obey(desk, json.loads(line)))
    finally:
        office.stop()


def _obey(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    deed = request.pop("do")
    if deed.startswith("_"):
        return {"error": f"no such request: {deed}"}
    try:
        return {"ok": getattr(desk, deed)(**request)}
    except Exception as error:  # noqa: BLE001  the asker must hear of every failure
        return {"error": f"{deed}: {type(error).__name__}: {error}"}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
