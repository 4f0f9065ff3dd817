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


_ENCRYPTION_INFO = "EncryptionInfo"
# Excel locks with this one when only the structure was to be protected.
_DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105  known to every program
_FILEPASS_RECORD = b"\x2f\0"
_EOF_RECORD = b"\x0a\0"


def is_encrypted_xls(stream: bytes) -> bool:
    """Whether an .xls workbook's stream says that it is encrypted."""
    offset = 0
    while offset + 4 <= len(stream):
        record_type, size = (
            stream[offset : offset + 2],
            int.from_bytes(stream[offset + 2 : offset + 4], "little"),
        )
        if record_type == _FILEPASS_RECORD:
            return True
        if record_type == _EOF_RECORD:
            return False
        offset += 4 + size
    return False


def decrypt_workbook(data: bytes, ole: OleFileIO, passwords: Sequence[str]) -> bytes:
    """Return the file without its password. Raises RefusedError when none fits."""
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError

    if ole.exists(_ENCRYPTION_INFO) and b"<!DOCTYPE" in ole.openstream(_ENCRYPTION_INFO).read():
        raise RefusedError("file-suspect", "内部含有文档类型声明")
    try:
        office_file = OfficeFile(io.BytesIO(data))
    except DecryptionError:
        raise RefusedError("file-locked", "") from None
    except Exception:  # noqa: BLE001  whatever it is, no password opens it
        raise RefusedError("file-damaged", "加密信息不完整") from None
    options = {"verify_password": True} if ole.exists(_ENCRYPTION_INFO) else {}
    if not any(
        _try_password(office_file, password, options)
        for password in (_DEFAULT_PASSWORD, *passwords)
        if password
    ):
        raise RefusedError("file-password", "")
    decrypted = io.BytesIO()
    try:
        office_file.decrypt(decrypted)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  an error may quote the password
        raise RefusedError("file-damaged", "加密的内容不完整") from None
    return decrypted.getvalue()


def _try_password(office_file: Any, password: str, options: Mapping[str, Any]) -> bool:
    try:
        office_file.load_key(password=password, **options)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever it stumbles over, it is not open
        return False
    return True
