"""Read a plan from a file of any supported format.

:func:`read_plan` is the entry point of the package. The format is decided by content,
never by the file's name: offices rename .doc to .docx and web pages to .xls. Formats
that hold no readable plan (pictures, archives …) are refused with one Chinese
message that says what the file is and what to do.

Signatures: ZIP local file header (APPNOTE.TXT 4.3.7); OLE compound file header
([MS-CFB] 2.2); the entry names of OOXML packages (ECMA-376 Part 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ledgerbook.errors import FileError, InputError, describe_os_error
from ledgerbook.file_types import (
    DOCUMENT_STREAM,
    ENCRYPTED_STREAM,
    GZIP_SIGNATURE,
    OLE_SIGNATURE,
    PDF_SIGNATURE,
    RAR_SIGNATURE,
    RTF_SIGNATURE,
    SEVEN_ZIP_SIGNATURE,
    UTF16_BOMS,
    WORKBOOK_STREAMS,
    ZIP_SIGNATURE,
    RefusedError,
    is_picture,
    list_entry_names,
    make_locked_error,
    open_ole,
)
from ledgerbook.plan.extract import extract_plan
from ledgerbook.plan.formats import html
from ledgerbook.plan.formats.docx import read_docx_document
from ledgerbook.plan.formats.excel import read_xls_document, read_xlsx_document
from ledgerbook.plan.formats.flat_text import read_flat_table
from ledgerbook.plan.formats.outline import read_outline_table
from ledgerbook.plan.formats.pdf import PdfContent, read_pdf
from ledgerbook.plan.formats.text_tables import (
    read_cell_per_line_document,
    read_delimited_documents,
)
from ledgerbook.plan.formats.word_binary import convert_word_binary
from ledgerbook.plan.grid import (
    ColumnRole,
    Inference,
    Plan,
    PlanDocument,
    PlanTable,
    make_large_table_error,
)
from ledgerbook.plan.header_meaning import PLAN_TABLE_DESCRIPTION, find_flat_headers
from ledgerbook.plan.table_parser import assemble_plan_table, has_plan_table, make_no_plan_error
from ledgerbook.plan.text_repair import narrow_characters
from ledgerbook.storage.file_names import is_leftover
from ledgerbook.text import ENCODINGS

_MAX_FILE_BYTES = 32 * 1024 * 1024

_BINARY_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

_USE_DOCX_ADVICE = "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
_UNPACK_ADVICE = "请解压后把里面的方案文件拿出来重试。"
_OCR_ADVICE = "请先用 WPS 等软件把图片识别成文字，或找到原来的 .docx 后重试。"
_PICTURE_REFUSAL = ("这是一张图片", _OCR_ADVICE)
_ARCHIVE_REFUSAL = ("这是压缩包，没有读里面的文件", _UNPACK_ADVICE)

# First bytes of a file → what it is, what to do.
_FOREIGN_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (RTF_SIGNATURE, "这是 RTF 文件，读不了", _USE_DOCX_ADVICE),
    *(
        (signature, *_ARCHIVE_REFUSAL)
        for signature in (RAR_SIGNATURE, SEVEN_ZIP_SIGNATURE, GZIP_SIGNATURE)
    ),
)
# Beginning of an entry's name in a ZIP → what the file is, what to do.
_FOREIGN_PACKAGES: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "这是演示文稿，里面的表读不了", "请把方案的表格放进 .docx 后重试。"),
    ("content.xml", "这是 OpenDocument 文件（.odt、.ods），读不了", _USE_DOCX_ADVICE),
    ("OFD.xml", "这是 OFD 版式文件，读不了", "请用阅读软件转换成 .docx 后重试。"),
)


def read_plan(path: Path, *, units_column: str = "", split_items: bool = False) -> Plan:
    """Read the plan in a document, workbook, web page or text file.

    ``units_column`` is the header of the column to read as 责任单位 where several could
    be. ``split_items`` makes separate items of a numbered list inside one cell.
    Raises FileError when ``path`` cannot be read, and InputError when it contains no
    plan; its message names the file and says what was looked for.
    """
    if is_leftover(path.name):
        raise InputError(
            f"“{path.name}”是 Office、WPS 或系统留下的临时文件，不是方案本身。"
            "请选名字开头没有“~$”“.~”“._”的那一个。",
            code="plan-missing",
            path=path,
        )
    data = _read_file_bytes(path)
    try:
        return extract_plan(_read_plan_table(data, units_column), split_items=split_items)
    except InputError as error:
        raise error.locate(path) from error


def _read_file_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise InputError(
                f"“{path.name}”：文件超过 32 MB，不像分工方案。请核对是不是选错了文件。",
                code="plan-missing",
                path=path,
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FileError(
            f"找不到“{path}”。请核对文件名和所在文件夹。", code="file-missing", path=path
        ) from error
    except IsADirectoryError as error:
        raise FileError(
            f"“{path}”是文件夹。请写明方案文件的名字。", code="file-unreadable", path=path
        ) from error
    except PermissionError as error:
        raise FileError(
            f"没有权限读取“{path}”。请检查文件权限。", code="file-unreadable", path=path
        ) from error
    except OSError as error:
        raise FileError(
            f"“{path}”读不了（{describe_os_error(error)}）。", code="file-unreadable", path=path
        ) from error


def _read_plan_table(data: bytes, units_column: str) -> PlanTable:
    """Detect the format of ``data`` and return the table of its plan."""
    if not data.strip():
        raise InputError("文件是空的。请换用有内容的方案文件。", code="plan-missing")
    _refuse_foreign_file(data)
    if _is_word_binary(data):
        data = convert_word_binary(data)
    if data.startswith((OLE_SIGNATURE, ZIP_SIGNATURE)):
        is_package = data.startswith(ZIP_SIGNATURE)
        document = _read_zip_document(data) if is_package else _read_ole_document(data)
        if has_plan_table(document, units_column):
            return assemble_plan_table(document, units_column)
        if outline := read_outline_table(document.lines):
            return replace(outline, unread_tables=document.unread_tables)
        if document.unread_tables:
            raise make_large_table_error(document.unread_tables)
        raise make_no_plan_error(document.tables, _count_pictures(data) if is_package else 0)
    if data.startswith(PDF_SIGNATURE):
        return _read_pdf_plan(read_pdf(data), units_column)
    page_data = html.unpack_mhtml(data)
    return _read_text_plan(_decode_text(page_data), units_column)


def _read_pdf_plan(content: PdfContent, units_column: str) -> PlanTable:
    """Return the plan of a PDF: a table, numbered paragraphs, or text without cells."""
    document = content.document
    if has_plan_table(document, units_column):
        table = assemble_plan_table(document, units_column)
    elif outline := read_outline_table(document.lines):
        table = replace(outline, unread_tables=document.unread_tables)
    elif document.unread_tables:
        raise make_large_table_error(document.unread_tables)
    elif find_flat_headers(narrow_characters("\n".join(document.lines))):
        table = read_flat_table("\n".join(document.lines))
    else:
        raise make_no_plan_error(document.tables, len(content.picture_pages))
    return replace(table, inferences=(*table.inferences, *_infer_picture_pages(content)))


def _infer_picture_pages(content: PdfContent) -> Iterator[Inference]:
    """Yield one inference about the pages of a PDF that have no text."""
    if content.picture_pages:
        pages = "、".join(f"第 {number} 页" for number in content.picture_pages)
        yield Inference(
            rows=(),
            role=ColumnRole.MEASURE,
            quoted_text=pages,
            reason=f"方案的 PDF 里，{pages}是图片，没有文字，没有读到。",
            advice="请对照原文件核对；这几页上也有任务的，请在“任务”表中补上。",
        )


def _read_ole_document(data: bytes) -> PlanDocument:
    streams = _list_streams(data)
    if ENCRYPTED_STREAM.lower() in streams:
        raise make_locked_error()
    if any(name.lower() in streams for name in WORKBOOK_STREAMS):
        return read_xls_document(data)
    raise _make_foreign_file_error(
        "这个旧格式的文件已经损坏，或者不是 .doc、.wps、.xls、.et，读不了", _USE_DOCX_ADVICE
    )


def _is_word_binary(data: bytes) -> bool:
    """Return whether a file is a document of Word 97–2003 or WPS Writer."""
    return data.startswith(OLE_SIGNATURE) and DOCUMENT_STREAM.lower() in _list_streams(data)


def _list_streams(data: bytes) -> frozenset[str]:
    """Return the lower-case names of the root's streams and storages.

    Names further down are ignored: an embedded workbook has a stream Workbook too.
    """
    try:
        with open_ole(data) as container:
            return frozenset(stream_path[0].lower() for stream_path in container.listdir())
    except Exception:  # noqa: BLE001  olefile raises whatever a damaged file causes
        return frozenset()


def _read_zip_document(data: bytes) -> PlanDocument:
    try:
        entry_names = set(list_entry_names(data))
    except RefusedError as error:
        raise InputError(
            "文件已经损坏，打不开。请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。",
            code="document-unreadable",
        ) from error
    if "word/document.xml" in entry_names:
        return read_docx_document(data)
    if any(name.startswith("xl/") for name in entry_names):
        return read_xlsx_document(data)
    raise _make_foreign_package_error(entry_names)


def _count_pictures(data: bytes) -> int:
    """Count the pictures in a package, since a scanned plan is a document of pictures."""
    return sum(name.startswith(("word/media/", "xl/media/")) for name in list_entry_names(data))


def _read_text_plan(text: str, units_column: str) -> PlanTable:
    """Try the layouts in which a text may contain a plan, the most certain first.

    Tables with a recognised header come first, then a flat text with the four headers
    of a plan, then numbered paragraphs; tables without a header come last. Where all
    tables are too large, nothing further is tried.
    """
    documents: list[PlanDocument] = []
    if html.is_html_page(text):
        documents.append(html.read_html_document(text))
        text = html.extract_page_text(text)
    documents += [*read_delimited_documents(text), read_cell_per_line_document(text)]
    for document in documents:
        if has_plan_table(document, units_column, allow_guess=False):
            return assemble_plan_table(document, units_column)
    unread_tables = tuple(name for document in documents for name in document.unread_tables)
    # A table of one row holds the links of a site.
    has_short_table = any(table.height > 1 for document in documents for table in document.tables)
    if unread_tables and not has_short_table:
        # A list of thousands of rows is no plan in another layout either.
        raise make_large_table_error(unread_tables)
    if find_flat_headers(narrow_characters(text)):
        return read_flat_table(text)
    if outline := read_outline_table(text.splitlines()):
        return outline
    for document in documents:
        if has_plan_table(document, units_column):
            return assemble_plan_table(document, units_column)
    if unread_tables:
        raise make_large_table_error(unread_tables)
    raise make_no_plan_error([table for document in documents[:1] for table in document.tables])


def _decode_text(data: bytes) -> str:
    """Decode text by its byte order mark, its declared charset, then the usual encodings.

    Text with control characters was decoded wrongly or is no text. Raises InputError
    when no encoding fits.
    """
    bom_encodings = ["utf-16"] if data.startswith(UTF16_BOMS) else []
    declared_encodings = [name for name in (html.find_charset(data),) if name and b"<" in data]
    for encoding in (*bom_encodings, *declared_encodings, *ENCODINGS):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if not _BINARY_CHARACTER.search(text):
            return text
    raise _make_foreign_file_error(
        "文件不是 .docx，也不是能读懂的文字文件（UTF-8 或 GB18030 编码）",
        _USE_DOCX_ADVICE,
    )


# --- Files of formats that are not read ---


def _refuse_foreign_file(data: bytes) -> None:
    """Raise InputError if the first bytes belong to a format that is not read."""
    if is_picture(data):
        raise _make_foreign_file_error(*_PICTURE_REFUSAL)
    for signature, description, advice in _FOREIGN_SIGNATURES:
        if data.startswith(signature):
            raise _make_foreign_file_error(description, advice)


def _make_foreign_package_error(entry_names: set[str]) -> InputError:
    """Return the error for a ZIP that is neither a document nor a workbook."""
    for part, description, advice in _FOREIGN_PACKAGES:
        if any(name.startswith(part) for name in entry_names):
            return _make_foreign_file_error(description, advice)
    return _make_foreign_file_error(*_ARCHIVE_REFUSAL)


def _make_foreign_file_error(description: str, advice: str) -> InputError:
    return InputError(
        f"{description}。要找的是一张表，{PLAN_TABLE_DESCRIPTION}。{advice}",
        code="document-unreadable",
    )
