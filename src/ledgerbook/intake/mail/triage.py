"""What came attached to a mail, taken together: whether any of it can be a form."""

from __future__ import annotations

from ledgerbook.file_types import RefusedError, list_entry_names
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.mail import message
from ledgerbook.intake.mail.attachment import EmailAttachment
from ledgerbook.intake.mail.mime import is_picture

_NON_FORM_CODES = ("file-other-type", "file-skipped")
_DOCUMENT_PREFIXES = ("word/", "ppt/")
# Where an OpenDocument says what it is: right after its first entry's name.
_MIMETYPE_NAME, _MIMETYPE_VALUE = slice(30, 38), slice(38, 100)


def classify_mail(data: bytes, depth: int) -> str:
    """Return the problem to report of a mail that was opened. Raises RefusedError.

    It is itself within so many mails and archives.
    """
    if depth > archives.MAX_DEPTH:
        raise RefusedError("file-mail-deep", str(archives.MAX_DEPTH))
    attachments = message.list_attachments(data, archives.MAX_DEPTH)
    if any(_can_be_form(name, attachment) for name, attachment in attachments):
        return "file-mail-read"
    has_only_pictures = all(
        is_picture(attachment.content_type, name) for name, attachment in attachments
    )
    return "file-mail-pictures" if has_only_pictures else "file-mail-formless"


def _can_be_form(name: str, part: EmailAttachment) -> bool:
    """Whether a part is, or holds, a form; or has a problem of its own to tell."""
    if part.code:
        return True
    problem = file_check.find_file_problem(name, part.data)
    if problem:
        return problem.code not in _NON_FORM_CODES
    return not _is_document(part.data)


def _is_document(data: bytes) -> bool:
    """Whether what is kept in a zip is a text or slides, and no workbook."""
    if data[_MIMETYPE_NAME] == b"mimetype":
        return b"spreadsheet" not in data[_MIMETYPE_VALUE]
    try:
        names = list_entry_names(data)
    except RefusedError:
        return False
    return not any(name.startswith("xl/") for name in names) and any(
        name.startswith(_DOCUMENT_PREFIXES) for name in names
    )
