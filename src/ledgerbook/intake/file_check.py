"""What a file is, by its first bytes and not its name, before anything parses it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from ledgerbook.file_types import SIGNATURE
from ledgerbook.intake.mail import msg
from ledgerbook.intake.mail.detection import is_mailbox
from ledgerbook.intake.mail.message import is_mail
from ledgerbook.model.problems import Place, Problem

LARGEST = 50 * 2**20

# Streams by which an OLE container shows that it may be a workbook: an .xls or .et,
# or any newer document that has a password.
_BOOKS = tuple(
    name.encode("utf-16-le") for name in ("Workbook", "Book", "EncryptedPackage")
)
# How a workbook begins that Excel 2003 or LibreOffice saved as one XML text.
_XML_BOOKS = (
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"opendocument.spreadsheet",
)
_XML_HEAD = 4096
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LEFTOVERS = ("~$", ".~lock", "._", ".~", ".ledgerbook-", ".DS_Store")
# Of these an empty one is nobody's return.
_NOTES = {".txt", ".tmp", ".db", ".ini"}
# What a Mac adds to every archive that it makes.
_MAC_FOLDER = "__MACOSX"
_TABLES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".xltx", ".ett"}
_MAILS = {".eml", ".emlx", ".mbox", ".msg"}

# First bytes → the problem to report.
_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "file-pdf"),
    (b"\xef\xbb\xbf<", "file-html"),
    (b"<", "file-html"),
    (b"Rar!", "file-archive"),
    (b"7z\xbc\xaf\x27\x1c", "file-archive"),
    (b"\x78\x9f\x3e\x22", "file-mail-winmail"),
    # Outlook's own mailbox (.pst, .ost).
    (b"!BDN", "file-mail-mailbox"),
)


def leftover(name: str) -> bool:
    """Whether a name is that of a lock or a file manager's own note."""
    path = PurePath(name)
    return path.name.startswith(_LEFTOVERS) or _MAC_FOLDER in path.parts


def refuse(name: str, data: bytes, size: int = 0) -> Problem | None:
    """Say why ``data`` cannot be a workbook; None when it may be one.

    ``size`` is that of the file, where ``data`` is only its beginning.
    """
    code, values = _verdict(name, data, size or len(data))
    return Problem(code, Place(name), values) if code else None


def _verdict(name: str, data: bytes, size: int) -> tuple[str, Mapping[str, str]]:
    if leftover(name):
        return "file-skipped", {}
    suffix = PurePath(name).suffix.lower()
    if not data:
        return "file-other-type" if suffix in _NOTES else "file-empty", {}
    table = suffix in _TABLES
    mail = is_mail(data)
    if mail and is_mailbox(data):
        return "file-mail-mailbox", {}
    read = table or mail or suffix in _MAILS
    if size > LARGEST and (read or data.startswith(b"PK")):
        detail = f"{size / 2**20:.0f} MB，上限 {LARGEST // 2**20} MB"
        return "file-too-large", {"detail": detail}
    if data.startswith(b"PK") or mail:
        return "", {}
    if data.startswith(SIGNATURE) and suffix not in _MAILS:
        books = table or any(stream in data for stream in _BOOKS)
        return "" if books else "file-other-type", {}
    return _other(suffix, data)


def _other(suffix: str, data: bytes) -> tuple[str, Mapping[str, str]]:
    """Say what a file is that can be neither a workbook nor a mail."""
    if code := _known(data):
        return code, {}
    if suffix in _MAILS:
        packed = data.startswith(SIGNATURE)
        detail = msg.fault(data) if packed else "开头的内容不是邮件"
        return "file-mail-damaged", {"detail": detail}
    if suffix not in _TABLES:
        return "file-other-type", {}
    if _is_text(data):
        return "file-text", {}
    return "file-damaged", {"detail": "开头的内容不是 Excel 文件"}


def _known(data: bytes) -> str:
    """Return what the first bytes say of a file that is no workbook."""
    if any(mark in data[:_XML_HEAD] for mark in _XML_BOOKS):
        return "file-old-format"
    start = data.lstrip()
    return next((code for head, code in _HEADS if start.startswith(head)), "")


def _is_text(data: bytes) -> bool:
    if data.startswith(_UTF16):
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
