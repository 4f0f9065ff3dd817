"""Decide from the attachments of a mail whether one of them can be a form."""

from __future__ import annotations

from ledgerbook.file_types import RefusedError, list_entry_names
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.mail import message
from ledgerbook.intake.mail.attachment import EmailAttachment
from ledgerbook.intake.mail.mime import is_picture

_NON_FORM_CODES = ("file-other-type", "file-document", "file-skipped")
_DOCUMENT_PREFIXES = ("word/", "ppt/")
# An OpenDocument states its type in its first entry (OpenDocument 1.3 part 2, section 3.3):
# the entry's name and its content, as slices of the file.
_MIMETYPE_NAME, _MIMETYPE_VALUE = slice(30, 38), slice(38, 100)


def choose_mail_code(data: bytes, depth: int) -> str:
    """Return the code of the problem to report for a mail that was opened.

    ``depth`` is the number of mails and archives that the mail is in. Raises RefusedError.
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


def _can_be_form(name: str, attachment: EmailAttachment) -> bool:
    """Return whether an attachment is or contains a form, or has a problem to report."""
    if attachment.code:
        return True
    problem = file_check.find_file_problem(name, attachment.data)
    if problem:
        return problem.code not in _NON_FORM_CODES
    return not _is_document(attachment.data)


def _is_document(data: bytes) -> bool:
    """Return whether a zip is a text document or a presentation."""
    if data[_MIMETYPE_NAME] == b"mimetype":
        return b"spreadsheet" not in data[_MIMETYPE_VALUE]
    try:
        names = list_entry_names(data)
    except RefusedError:
        return False
    return not any(name.startswith("xl/") for name in names) and any(
        name.startswith(_DOCUMENT_PREFIXES) for name in names
    )
