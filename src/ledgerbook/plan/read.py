"""Read a plan from a file, whose kind its content tells, not its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.plan.docx import source_from_docx
from ledgerbook.plan.grid import Source
from ledgerbook.plan.items import Plan
from ledgerbook.plan.text import source_from_text
from ledgerbook.plan.understand import understand

_MOST_BYTES = 32 * 1024 * 1024

_USE_DOCX = "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
_FOREIGN_KINDS = (
    (b"%PDF", f"PDF 文件读不了。{_USE_DOCX}扫描件要先识别成文字。"),
    (
        b"\xd0\xcf\x11\xe0",
        f"旧格式（.doc、.xls、.wps）或加了密码的文件读不了。{_USE_DOCX}",
    ),
    (b"{\\rtf", f"RTF 文件读不了。{_USE_DOCX}"),
    (b"\x89PNG", "图片读不了。请先把图片识别成文字，或换用 .docx。"),
    (b"\xff\xd8\xff", "图片读不了。请先把图片识别成文字，或换用 .docx。"),
)

_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS = ("utf-8-sig", "gb18030")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_plan(path: Path) -> Plan:
    """Read the plan in a .docx or text file.

    Raises FileError when ``path`` cannot be read, InputError when there is no plan
    in it.
    """
    data = _bytes(path)
    try:
        return understand(_source(data))
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


def _source(data: bytes) -> Source:
    if not data.strip():
        raise InputError("文件是空的。请换用有内容的方案文件。")
    for start, sentence in _FOREIGN_KINDS:
        if data.startswith(start):
            raise InputError(sentence)
    if data.startswith(b"PK"):
        return _from_package(data)
    return source_from_text(_decoded(data))


def _from_package(data: bytes) -> Source:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(
            "文件已经损坏，打不开。请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。"
        ) from error
    if "word/document.xml" in names:
        return source_from_docx(data)
    kind = "Excel 表格" if "xl/workbook.xml" in names else "这种压缩格式的文件"
    raise InputError(f"{kind}读不了。请把方案的表格放进 .docx 文件后重试。")


def _decoded(data: bytes) -> str:
    """Decode text as Windows, WPS or a browser saves it."""
    marked = [name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)]
    for encoding in (*marked, *_ENCODINGS):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text):
            return text
    raise InputError(
        "文件不是 .docx，也不是能读懂的文字文件（UTF-8 或 GB18030 编码）。"
        "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
    )
