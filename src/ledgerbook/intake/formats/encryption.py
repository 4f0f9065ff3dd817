"""Workbooks with a password to open, unlocked with those that the office knows.

Nothing in here tells a password on: no message, no name of an error.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ledgerbook.file_types import RefusedError

if TYPE_CHECKING:
    from olefile import OleFileIO


# An .xlsx with a password is kept under this name in an OLE container.
PACKAGE = "EncryptedPackage"
_INFO = "EncryptionInfo"
# Excel locks with this one when only the structure was to be protected.
_OPEN_SECRET = "VelvetSweatshop"  # noqa: S105  known to every program
_FILE_PASS = b"\x2f\0"
_GLOBALS_END = b"\x0a\0"


def locked_book(stream: bytes) -> bool:
    """Whether an .xls workbook's stream says that it is encrypted."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = (
            stream[at : at + 2],
            int.from_bytes(stream[at + 2 : at + 4], "little"),
        )
        if kind == _FILE_PASS:
            return True
        if kind == _GLOBALS_END:
            return False
        at += 4 + size
    return False


def unlocked(data: bytes, ole: OleFileIO, passwords: Sequence[str]) -> bytes:
    """Return the file without its password. Raises RefusedError when none fits."""
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError

    if ole.exists(_INFO) and b"<!DOCTYPE" in ole.openstream(_INFO).read():
        raise RefusedError("file-suspect", "内部含有文档类型声明")
    try:
        locked = OfficeFile(io.BytesIO(data))
    except DecryptionError:
        raise RefusedError("file-locked", "") from None
    except Exception:  # noqa: BLE001  whatever it is, no password opens it
        raise RefusedError("file-damaged", "加密信息不完整") from None
    how = {"verify_password": True} if ole.exists(_INFO) else {}
    if not any(_fits(locked, word, how) for word in (_OPEN_SECRET, *passwords) if word):
        raise RefusedError("file-password", "")
    target = io.BytesIO()
    try:
        locked.decrypt(target)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  an error may quote the password
        raise RefusedError("file-damaged", "加密的内容不完整") from None
    return target.getvalue()


def _fits(locked: Any, password: str, how: Mapping[str, Any]) -> bool:
    try:
        locked.load_key(password=password, **how)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever it stumbles over, it is not open
        return False
    return True
