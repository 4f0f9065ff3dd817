"""Convert a document of Word 97–2003 (.doc) or WPS Writer (.wps) to a .docx.

Both are OLE containers with a stream WordDocument ([MS-DOC], https://learn.microsoft.com/
openspecs/office_file_formats/ms-doc/). msdoc2docx converts them, in a process of its own
within limits; its result is then read like any .docx from outside. It runs no macro and
fetches nothing. Not read: documents of Word 6 and 95, and of WPS before 2000.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from ledgerbook.errors import InputError
from ledgerbook.limited_process import ProcessEndedError, call_in_limited_process
from ledgerbook.plan.formats.components import check_component
from ledgerbook.temporary_folder import make_temporary_folder

_SAVE_ADVICE = "请用 Word 或 WPS 打开确认，另存为 .docx 后重试。"


class _DocumentRefusal(StrEnum):
    """Why a document was not converted; the value is what the office is told."""

    LOCKED = "文件设了打开密码，读不了。请用 Word 或 WPS 打开，去掉密码，另存为 .docx 后重试。"
    UNREADABLE = f"这个旧格式的文件（.doc、.wps）已经损坏，或者格式太老，读不出来。{_SAVE_ADVICE}"


def convert_word_binary(data: bytes) -> bytes:
    """Return a document of Word 97–2003 as the bytes of a .docx.

    Raises InputError when the component for it is not installed, and when the document is
    damaged, has a password, is of an older version or exceeds the limits of a process.
    """
    check_component("doc2docx", "旧格式的文件（.doc、.wps）")
    with make_temporary_folder() as folder:
        source, target = folder / "plan.doc", folder / "plan.docx"
        source.write_bytes(data)
        try:
            refusal = call_in_limited_process(_convert_file, source, target)
        except ProcessEndedError as error:
            raise _make_error(
                f"这个旧格式的文件（.doc、.wps）读不出来：{error.cause}。{_SAVE_ADVICE}"
            ) from error
        if refusal:
            raise _make_error(refusal)
        return target.read_bytes()


def _make_error(message: str) -> InputError:
    return InputError(message, code="document-unreadable")


def _convert_file(source: Path, target: Path) -> _DocumentRefusal | None:
    """Convert a file in the process made for it; return why it could not be, or None."""
    from doc2docx import convert
    from doc2docx.errors import EncryptedDocumentError

    try:
        convert(source, target)
    except EncryptedDocumentError:
        return _DocumentRefusal.LOCKED
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  besides its own errors, whatever a damaged file causes
        return _DocumentRefusal.UNREADABLE
    return None
