"""Decrypt workbooks with the passwords that the office knows ([MS-OFFCRYPTO]).

No message and no exception from here contains a password.
https://learn.microsoft.com/openspecs/office_file_formats/ms-offcrypto/
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ledgerbook.file_types import RefusedError

if TYPE_CHECKING:
    from olefile import OleFileIO


_ENCRYPTION_INFO = "EncryptionInfo"
# Excel encrypts with this password where only the structure of an .xls is protected.
_DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105  the same in every program
# Types of BIFF records: FilePass ([MS-XLS] 2.4.117) and EOF, the end of a substream.
_FILEPASS_RECORD = b"\x2f\0"
_EOF_RECORD = b"\x0a\0"


def is_encrypted_xls(stream: bytes) -> bool:
    """Return whether the workbook stream of an .xls has a FilePass record."""
    offset = 0
    while offset + 4 <= len(stream):
        record_type = stream[offset : offset + 2]
        size = int.from_bytes(stream[offset + 2 : offset + 4], "little")
        if record_type == _FILEPASS_RECORD:
            return True
        if record_type == _EOF_RECORD:
            return False
        offset += 4 + size
    return False


def decrypt_workbook(data: bytes, ole: OleFileIO, passwords: Sequence[str]) -> bytes:
    """Return the decrypted file. Raises RefusedError when no password fits.

    ``ole`` is the OLE container in ``data``.
    """
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError

    if ole.exists(_ENCRYPTION_INFO) and b"<!DOCTYPE" in ole.openstream(_ENCRYPTION_INFO).read():
        raise RefusedError("file-suspect", "内部含有文档类型声明")
    try:
        office_file = OfficeFile(io.BytesIO(data))
    except DecryptionError:
        raise RefusedError("file-locked", "") from None
    except Exception:  # noqa: BLE001  msoffcrypto raises errors of any kind
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
    except Exception:  # noqa: BLE001  any error means that the password does not fit
        return False
    return True
