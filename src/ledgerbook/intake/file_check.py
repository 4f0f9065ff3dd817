"""What a file is, by its first bytes and not its name, before anything parses it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from ledgerbook.file_types import (
    ENCRYPTED_STREAM,
    OLE_SIGNATURE,
    PDF_SIGNATURE,
    PST_SIGNATURE,
    RAR_SIGNATURE,
    SEVEN_ZIP_SIGNATURE,
    TNEF_SIGNATURE,
    UTF8_BOM,
    UTF16_BOMS,
    WORKBOOK_STREAMS,
    ZIP_SIGNATURE,
)
from ledgerbook.intake.mail import msg
from ledgerbook.intake.mail.mail_detection import is_mailbox
from ledgerbook.intake.mail.message import is_mail
from ledgerbook.model.problems import Place, Problem

MAX_FILE_SIZE = 50 * 2**20

# Streams by which an OLE container shows that it may be a workbook: an .xls or .et,
# or any newer document that has a password.
_WORKBOOK_STREAMS = tuple(
    name.encode("utf-16-le") for name in (*WORKBOOK_STREAMS, ENCRYPTED_STREAM)
)
# How a workbook begins that Excel 2003 or LibreOffice saved as one XML text.
_XML_WORKBOOK_NAMESPACES = (
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"opendocument.spreadsheet",
)
_XML_HEAD_LENGTH = 4096
_LEFTOVER_PREFIXES = ("~$", ".~lock", "._", ".~", ".ledgerbook-", ".DS_Store")
# Of these an empty one is nobody's return.
_NOTE_SUFFIXES = {".txt", ".tmp", ".db", ".ini"}
# What a Mac adds to every archive that it makes.
_MAC_FOLDER = "__MACOSX"
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
_MAIL_SUFFIXES = {".eml", ".emlx", ".mbox", ".msg"}

# First bytes → the problem to report.
_SIGNATURE_CODES: tuple[tuple[bytes, str], ...] = (
    (PDF_SIGNATURE, "file-pdf"),
    (UTF8_BOM + b"<", "file-html"),
    (b"<", "file-html"),
    (RAR_SIGNATURE, "file-archive"),
    (SEVEN_ZIP_SIGNATURE, "file-archive"),
    (TNEF_SIGNATURE, "file-mail-winmail"),
    (PST_SIGNATURE, "file-mail-mailbox"),
)


def is_leftover(name: str) -> bool:
    """Whether a name is that of a lock or a file manager's own note."""
    path = PurePath(name)
    return path.name.startswith(_LEFTOVER_PREFIXES) or _MAC_FOLDER in path.parts


def find_file_problem(name: str, data: bytes, size: int = 0) -> Problem | None:
    """Say why ``data`` cannot be a workbook; None when it may be one.

    ``size`` is that of the file, where ``data`` is only its beginning.
    """
    code, values = _diagnose_file(name, data, size or len(data))
    return Problem(code, Place(name), values) if code else None


def _diagnose_file(name: str, data: bytes, size: int) -> tuple[str, Mapping[str, str]]:
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
        return "" if is_workbook else "file-other-type", {}
    return _diagnose_other_file(suffix, data)


def _diagnose_other_file(suffix: str, data: bytes) -> tuple[str, Mapping[str, str]]:
    """Say what a file is that can be neither a workbook nor a mail."""
    if code := _identify_signature(data):
        return code, {}
    if suffix in _MAIL_SUFFIXES:
        is_container = data.startswith(OLE_SIGNATURE)
        detail = msg.describe_damage(data) if is_container else "开头的内容不是邮件"
        return "file-mail-damaged", {"detail": detail}
    if suffix not in _TABLE_SUFFIXES:
        return "file-other-type", {}
    if _is_text(data):
        return "file-text", {}
    return "file-damaged", {"detail": "开头的内容不是 Excel 文件"}


def _identify_signature(data: bytes) -> str:
    """Return what the first bytes say of a file that is no workbook."""
    if any(namespace in data[:_XML_HEAD_LENGTH] for namespace in _XML_WORKBOOK_NAMESPACES):
        return "file-old-format"
    stripped = data.lstrip()
    return next(
        (code for signature, code in _SIGNATURE_CODES if stripped.startswith(signature)),
        "",
    )


def _is_text(data: bytes) -> bool:
    if data.startswith(UTF16_BOMS):
        return True
    head = data[:4096]
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            # Where the head was cut off, it may end inside a character.
            if error.end < len(head) or len(head) == len(data):
                continue
        return True
    return False
