"""Represent an attachment of a mail of any format: its names and bytes, or its problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from ledgerbook.file_types import RefusedError

# Content types of encrypted parts: S/MIME (RFC 8551), Microsoft's RMS, PGP (RFC 3156).
ENCRYPTED_TYPES = (
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/x-microsoft-rpmsg-message",
    "multipart/encrypted",
)
_ENCRYPTED_SUFFIXES = (".p7m", ".rpmsg", ".pgp", ".gpg")
_PGP_HEADER = b"-----BEGIN PGP MESSAGE-----"


@dataclass(frozen=True, slots=True)
class EmailAttachment:
    """An attachment of a mail, or of a mail attached to it.

    ``names`` are the subjects of the attached mails it is in, from the outermost, then its
    own name; "" where it has none. With a ``code`` it cannot be read: that is the problem
    to report, and ``detail`` its explanation in Chinese.
    """

    names: tuple[str, ...]
    data: bytes
    content_type: str = ""
    code: str = ""
    detail: str = ""


def read_or_refuse(
    names: tuple[str, ...], read: Callable[[], Iterable[EmailAttachment]]
) -> list[EmailAttachment]:
    """Return what ``read`` yields for the attached mail ``names``.

    If ``read`` refuses the attached mail, return that mail as one unreadable attachment, so
    that the rest of the mail around it can still be read.
    """
    try:
        return list(read())
    except RefusedError as refusal:
        return [EmailAttachment(names, b"", code=refusal.code, detail=refusal.detail)]


def is_encrypted(attachment: EmailAttachment) -> bool:
    """Return whether an attachment is encrypted, by its content type, name or first bytes.

    The content types are also those of parts that are only signed; the caller tells them
    apart.
    """
    return (
        attachment.content_type.lower() in ENCRYPTED_TYPES
        or PurePath(attachment.names[-1]).suffix.lower() in _ENCRYPTED_SUFFIXES
        or attachment.data.lstrip().startswith(_PGP_HEADER)
    )


def mark_encrypted(attachment: EmailAttachment) -> EmailAttachment:
    """Return ``attachment`` with the problem code of an encrypted one."""
    return replace(attachment, code="file-mail-locked")
