"""What came attached to a mail, taken together: whether any of it can be a form."""

from __future__ import annotations

import io
import zipfile

from ledgerbook.file_types import RefusedError
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.mail import message
from ledgerbook.intake.mail.attachment import EmailAttachment
from ledgerbook.intake.mail.mime import is_picture

_NO_FORMS = ("file-other-type", "file-skipped")
_DOCUMENTS = ("word/", "ppt/")
# Where an OpenDocument says what it is: right after its first entry's name.
_MIMETYPE, _TOLD = slice(30, 38), slice(38, 100)


def code_of(data: bytes, depth: int) -> str:
    """Return the problem to report of a mail that was opened. Raises RefusedError.

    It is itself within so many mails and archives.
    """
    if depth > archives.DEPTH:
        raise RefusedError("file-mail-deep", str(archives.DEPTH))
    found = message.attached(data, archives.DEPTH)
    if any(_may_be_form(name, one) for name, one in found):
        return "file-mail-read"
    pictures = all(is_picture(one.kind, name) for name, one in found)
    return "file-mail-pictures" if pictures else "file-mail-formless"


def _may_be_form(name: str, part: EmailAttachment) -> bool:
    """Whether a part is, or holds, a form; or has a problem of its own to tell."""
    if part.code:
        return True
    problem = file_check.refuse(name, part.data)
    if problem:
        return problem.code not in _NO_FORMS
    return not _is_document(part.data)


def _is_document(data: bytes) -> bool:
    """Whether what is kept in a zip is a text or slides, and no workbook."""
    if data[_MIMETYPE] == b"mimetype":
        return b"spreadsheet" not in data[_TOLD]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return not any(name.startswith("xl/") for name in names) and any(
        name.startswith(_DOCUMENTS) for name in names
    )
