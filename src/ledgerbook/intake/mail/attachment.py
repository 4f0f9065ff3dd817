"""What is enclosed in a mail, of whatever format: its names and bytes, or why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from ledgerbook.file_types import RefusedError

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
    """What is attached: the mails it is in, then its own name; blank where unnamed.

    With a ``code``, it cannot be read, and that is the problem to report.
    """

    names: tuple[str, ...]
    data: bytes
    content_type: str = ""
    code: str = ""
    detail: str = ""


def read_or_refuse(
    names: tuple[str, ...], read: Callable[[], Iterable[EmailAttachment]]
) -> list[EmailAttachment]:
    """Return what is attached to a mail within; the mail alone if it cannot be read.

    What is wrong with it is nothing that the mail around it should suffer for.
    """
    try:
        return list(read())
    except RefusedError as refusal:
        return [EmailAttachment(names, b"", code=refusal.code, detail=refusal.detail)]


def is_encrypted(part: EmailAttachment) -> bool:
    """Whether a part is encrypted, by its kind or name, whatever else it is said to be.

    One that is signed and can be read all the same is for the caller to tell.
    """
    return (
        part.content_type.lower() in ENCRYPTED_TYPES
        or PurePath(part.names[-1]).suffix.lower() in _ENCRYPTED_SUFFIXES
        or part.data.lstrip().startswith(_PGP_HEADER)
    )


def mark_encrypted(part: EmailAttachment) -> EmailAttachment:
    """Return a part as one that is encrypted."""
    return replace(part, code="file-mail-locked")
