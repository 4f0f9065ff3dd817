"""Decide by its first bytes whether a file may be a return, before any parser opens it.

The name matters only where the bytes say nothing: a damaged table is reported, a file of
another type is skipped. Lock files and the like are skipped by their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from ledgerbook.file_types import (
    DOCUMENT_STREAM,
    ENCRYPTED_STREAM,
    OLE_SIGNATURE,
    PDF_SIGNATURE,
    PST_SIGNATURE,
    RAR_SIGNATURE,
    RTF_SIGNATURE,
    SEVEN_ZIP_SIGNATURE,
    TNEF_SIGNATURE,
    UTF8_BOM,
    UTF16_BOMS,
    WORKBOOK_STREAMS,
    ZIP_SIGNATURE,
    is_picture,
)
from ledgerbook.identity import OutputKind, format_keywords
from ledgerbook.intake.mail import msg
from ledgerbook.intake.mail.mail_detection import is_mailbox
from ledgerbook.intake.mail.message import is_mail
from ledgerbook.model.problems import Place, Problem
from ledgerbook.storage.file_names import is_leftover

# Bytes of a return: whatever is larger is refused unread.
MAX_FILE_SIZE = 50 * 2**20

# Streams of a compound file ([MS-CFB]) that may be a workbook: an .xls or .et has
# Workbook or Book ([MS-XLS] 2.1), an encrypted document EncryptedPackage ([MS-OFFCRYPTO]).
_WORKBOOK_STREAMS = tuple(
    name.encode("utf-16-le") for name in (*WORKBOOK_STREAMS, ENCRYPTED_STREAM)
)
# Namespaces at the beginning of a workbook that Excel 2003 or LibreOffice saved as one
# XML file.
_XML_WORKBOOK_NAMESPACES = (
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"opendocument.spreadsheet",
)
_XML_HEAD_LENGTH = 4096
# In the head of the page that ``collect`` writes.
_BOARD_MARK = format_keywords(OutputKind.BOARD).encode()
# An empty file with one of these is no return, so that nobody is asked to send it again.
_NOTE_SUFFIXES = {".txt", ".tmp", ".db", ".ini"}
_TABLE_SUFFIXES = {
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".et",
    ".ods",
    ".csv",
    ".xltx",
    ".ett",
}
_DOCUMENT_SUFFIXES = {".doc", ".docx", ".wps", ".odt", ".rtf"}
_MAIL_SUFFIXES = {".eml", ".emlx", ".mbox", ".msg"}

# First bytes of a file, and the code of the problem to report.
_SIGNATURE_CODES: tuple[tuple[bytes, str], ...] = (
    (PDF_SIGNATURE, "file-pdf"),
    (RTF_SIGNATURE, "file-document"),
    (UTF8_BOM + b"<", "file-html"),
    (b"<", "file-html"),
    (RAR_SIGNATURE, "file-archive"),
    (SEVEN_ZIP_SIGNATURE, "file-archive"),
    (TNEF_SIGNATURE, "file-mail-winmail"),
    (PST_SIGNATURE, "file-mail-mailbox"),
)


def has_table_name(name: str) -> bool:
    """Return whether a file is called like a table."""
    return PurePath(name).suffix.lower() in _TABLE_SUFFIXES


def find_file_problem(name: str, data: bytes, size: int = 0) -> Problem | None:
    """Return why ``data`` cannot be a workbook, archive or mail; None when it may be one.

    ``size`` is the size of the file in bytes, where ``data`` is only its beginning.
    """
    code, values = _diagnose_file(name, data, size or len(data))
    return Problem(code, Place(name), values) if code else None


def _diagnose_file(name: str, data: bytes, size: int) -> tuple[str, Mapping[str, str]]:
    """Return code and values of the problem; a blank code when the file may be read."""
    if is_leftover(name):
        return "file-skipped", {}
    suffix = PurePath(name).suffix.lower()
    if not data:
        return "file-other-type" if suffix in _NOTE_SUFFIXES else "file-empty", {}
    is_table = suffix in _TABLE_SUFFIXES
    is_email = is_mail(data)
    if is_email and is_mailbox(data):
        return "file-mail-mailbox", {}
    is_readable = is_table or is_email or suffix in _MAIL_SUFFIXES
    if size > MAX_FILE_SIZE and (is_readable or data.startswith(ZIP_SIGNATURE)):
        detail = f"{size / 2**20:.0f} MB，上限 {MAX_FILE_SIZE // 2**20} MB"
        return "file-too-large", {"detail": detail}
    if data.startswith(ZIP_SIGNATURE) or is_email:
        return "", {}
    if data.startswith(OLE_SIGNATURE) and suffix not in _MAIL_SUFFIXES:
        is_workbook = is_table or any(stream in data for stream in _WORKBOOK_STREAMS)
        has_document = DOCUMENT_STREAM.encode("utf-16-le") in data
        is_document = has_document or suffix in _DOCUMENT_SUFFIXES
        other_code = "file-document" if is_document else "file-other-type"
        return "" if is_workbook else other_code, {}
    return _diagnose_other_file(suffix, data)


def _diagnose_other_file(suffix: str, data: bytes) -> tuple[str, Mapping[str, str]]:
    """Return the problem of a file that can be neither a workbook nor a mail."""
    code = _identify_signature(data)
    if code == "file-html" and _BOARD_MARK in data[:_XML_HEAD_LENGTH]:
        return "file-not-return", {"what": OutputKind.BOARD}
    if code:
        return code, {}
    if suffix in _MAIL_SUFFIXES:
        is_container = data.startswith(OLE_SIGNATURE)
        detail = msg.describe_damage(data) if is_container else "开头的内容不是邮件"
        return "file-mail-damaged", {"detail": detail}
    if suffix not in _TABLE_SUFFIXES:
        return "file-document" if suffix in _DOCUMENT_SUFFIXES else "file-other-type", {}
    if is_picture(data):
        return "file-picture", {}
    if _is_text(data):
        return "file-text", {}
    return "file-damaged", {"detail": "开头的内容不是 Excel 文件"}


def _identify_signature(data: bytes) -> str:
    """Return the problem code that belongs to the first bytes; blank if none does."""
    if any(namespace in data[:_XML_HEAD_LENGTH] for namespace in _XML_WORKBOOK_NAMESPACES):
        return "file-old-format"
    stripped = data.lstrip()
    return next(
        (code for signature, code in _SIGNATURE_CODES if stripped.startswith(signature)),
        "",
    )


def _is_text(data: bytes) -> bool:
    """Whether the beginning of ``data`` is text in UTF-16, UTF-8 or GB 18030."""
    if data.startswith(UTF16_BOMS):
        return True
    head = data[:4096]
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            # The head may end inside a character.
            if error.end < len(head) or len(head) == len(data):
                continue
        return True
    return False
