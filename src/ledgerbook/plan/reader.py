"""Read a plan from a file, whose kind its content tells, not its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import olefile

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.plan.extract import understand
from ledgerbook.plan.formats import html
from ledgerbook.plan.formats.docx import pages_from_docx
from ledgerbook.plan.formats.excel import pages_from_xls, pages_from_xlsx
from ledgerbook.plan.formats.flat_text import source_from_lines, source_from_text
from ledgerbook.plan.formats.text_tables import pages_from_lines, tables_in
from ledgerbook.plan.grid import Pages, Plan, PlanSource
from ledgerbook.plan.header_detection import SOUGHT, flat_headers
from ledgerbook.plan.table_parser import assemble, has_plan, no_plan
from ledgerbook.plan.text_repair import narrow
from ledgerbook.text import ENCODINGS

_MOST_BYTES = 32 * 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0"
# Streams by which an OLE container shows that it is a workbook.
_BOOKS = frozenset({"workbook", "book"})
_LOCKED = "encryptedpackage"

_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_plan(path: Path, *, units_column: str = "", split_items: bool = False) -> Plan:
    """Read the plan in a document, workbook, web page or text.

    ``units_column`` names the column that says who is responsible, where several do;
    ``split_items`` makes an item of each numbered one in a cell.
    Raises FileError when ``path`` cannot be read, InputError when there is no plan
    in it.
    """
    data = _bytes(path)
    try:
        return understand(_source(data, units_column), split_items=split_items)
    except InputError as error:
        raise InputError(f"“{path.name}”：{error.headline}", error.slips) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"“{path.name}”：文件超过 32 MB，不像分工方案。请核对是不是选错了文件。"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"找不到“{path}”。请核对文件名和所在文件夹。") from error
    except IsADirectoryError as error:
        raise FileError(f"“{path}”是文件夹。请写明方案文件的名字。") from error
    except PermissionError as error:
        raise FileError(f"没有权限读取“{path}”。请检查文件权限。") from error
    except OSError as error:
        raise FileError(f"“{path}”读不了（{reason(error)}）。") from error


def _source(data: bytes, units_column: str = "") -> PlanSource:
    if not data.strip():
        raise InputError("文件是空的。请换用有内容的方案文件。")
    refuse_foreign(data)
    if data.startswith((_OLE, b"PK")):
        is_package = data.startswith(b"PK")
        pages = _from_package(data) if is_package else _from_container(data)
        if has_plan(pages, units_column):
            return assemble(pages, units_column)
        if outline := source_from_lines(pages.lines):
            return outline
        raise no_plan(pages.tables, _pictures(data) if is_package else 0)
    page = html.unpacked(data)
    return _from_text(_decoded(page), units_column)


def _from_container(data: bytes) -> Pages:
    streams = _streams(data)
    if _LOCKED in streams:
        raise InputError(
            "文件设了打开密码，读不了。请用 Office 或 WPS 打开，去掉密码另存后重试。"
        )
    if streams & _BOOKS:
        return pages_from_xls(data)
    raise foreign("这是旧格式的文件（.doc、.wps），读不了", USE_DOCX)


def _streams(data: bytes) -> frozenset[str]:
    """Name the streams at the top of a container; another file may be inside it."""
    try:
        with olefile.OleFileIO(data) as container:
            return frozenset(path[0].lower() for path in container.listdir())
    except Exception:  # noqa: BLE001  olefile raises whatever a damaged file causes
        return frozenset()


def _from_package(data: bytes) -> Pages:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise InputError(
            "文件已经损坏，打不开。请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。"
        ) from error
    if "word/document.xml" in names:
        return pages_from_docx(data)
    if any(name.startswith("xl/") for name in names):
        return pages_from_xlsx(data)
    raise foreign_package(names)


def _pictures(data: bytes) -> int:
    """Count the pictures of a document or workbook, one of which may be the plan."""
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    return sum(name.startswith(("word/media/", "xl/media/")) for name in names)


def _from_text(text: str, units_column: str) -> PlanSource:
    """Try the ways in which a text may hold a plan, the surest first."""
    ways: list[Pages] = []
    if html.is_page(text):
        ways.append(html.pages_from_html(text))
        text = html.text_of(text)
    ways += [*tables_in(text), pages_from_lines(text)]
    for pages in ways:
        if has_plan(pages, units_column, guess=False):
            return assemble(pages, units_column)
    if flat_headers(narrow(text)):
        return source_from_text(text)
    if outline := source_from_lines(text.splitlines()):
        return outline
    for pages in ways:
        if has_plan(pages, units_column):
            return assemble(pages, units_column)
    raise no_plan([table for pages in ways[:1] for table in pages.tables])


def _decoded(data: bytes) -> str:
    """Decode text as Windows, WPS or a browser saves it."""
    marked = [name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)]
    said = [name for name in (html.charset_of(data),) if name and b"<" in data]
    for encoding in (*marked, *said, *ENCODINGS):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if not _NOT_TEXT.search(text):
            return text
    raise foreign(
        "文件不是 .docx，也不是能读懂的文字文件（UTF-8 或 GB18030 编码）", USE_DOCX
    )


# Files that hold no plan in a form we read: told by their first bytes, one message.

USE_DOCX = "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
_UNPACK = "请解压后把里面的方案文件拿出来重试。"
_RECOGNISE = "请先用 WPS 等软件把图片识别成文字，或找到原来的 .docx 后重试。"
_PICTURE = "这是一张图片", _RECOGNISE

# How a file begins → what it is, what to do.
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"%PDF",
        "这是 PDF 文件，读不了",
        "能选中文字的 PDF，请用 WPS 转换成 .docx；扫描件要先识别成文字。",
    ),
    (b"{\\rtf", "这是 RTF 文件，读不了", USE_DOCX),
    (b"\x89PNG", *_PICTURE),
    (b"\xff\xd8\xff", *_PICTURE),
    (b"GIF8", *_PICTURE),
    (b"II*\0", *_PICTURE),
    (b"MM\0*", *_PICTURE),
    (b"RIFF", *_PICTURE),
    (b"BM", *_PICTURE),
    (b"Rar!", "这是压缩包，没有读里面的文件", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包，没有读里面的文件", _UNPACK),
    (b"\x1f\x8b", "这是压缩包，没有读里面的文件", _UNPACK),
)
# A text may begin with these letters as well; a picture is no text.
_LETTERS = (b"BM", b"RIFF", b"GIF8")

# A part of a package → what the file is, what to do.
_PACKAGES: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "这是演示文稿，里面的表读不了", "请把方案的表格放进 .docx 后重试。"),
    ("content.xml", "这是 OpenDocument 文件（.odt、.ods），读不了", USE_DOCX),
    ("OFD.xml", "这是 OFD 版式文件，读不了", "请用阅读软件转换成 .docx 后重试。"),
)


def refuse_foreign(data: bytes) -> None:
    """Raise InputError when a file's first bytes show that it can hold no plan."""
    for start, what, advice in _KINDS:
        if data.startswith(start) and (start not in _LETTERS or b"\0" in data[:64]):
            raise foreign(what, advice)


def foreign_package(names: set[str]) -> InputError:
    """Say what a package is that is neither a document nor a workbook."""
    for part, what, advice in _PACKAGES:
        if any(name.startswith(part) for name in names):
            return foreign(what, advice)
    return foreign("这是压缩包，没有读里面的文件", _UNPACK)


def foreign(what: str, advice: str) -> InputError:
    return InputError(f"{what}。要找的是一张表，{SOUGHT}。{advice}")
