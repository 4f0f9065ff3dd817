"""Bytes that a mail carries as letters (base64), also where the rules were not kept."""

from __future__ import annotations

import base64
from string import ascii_letters, digits

_ALPHABET = f"{ascii_letters}{digits}+/".encode()
_FOREIGN = bytes(byte for byte in range(256) if byte not in _ALPHABET)
# Four letters are three bytes; a single one left over is none at all.
_GROUP = 4


def unpacked(text: str) -> bytes:
    """Return the bytes of packed text: all there are, where it is cut or not filled up.

    Filling ends it: what stands after that is a footer, and none of it.
    """
    body, _, _ = text.partition("=")
    letters = body.encode("ascii", "ignore").translate(None, _FOREIGN)
    whole = letters[:-1] if len(letters) % _GROUP == 1 else letters
    return base64.b64decode(whole + b"=" * (-len(whole) % _GROUP))
