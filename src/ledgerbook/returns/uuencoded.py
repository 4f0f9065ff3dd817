"""Files that an old program wrote into the text of a mail (uuencode)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

# How a file begins, and its lines, each of which says by its first letter how many
# bytes it has. Without such a line after it, it is but a word in the text.
_FILE = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]+)\r?\n((?:[ -`]{1,90}(?:\r?\n|\Z))++)", re.MULTILINE
)
_BYTES = 0x3F


def files(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the bytes of each file; of one cut short, what there is."""
    for found in _FILE.finditer(text):
        lines = found[2].splitlines()
        yield found[1], b"".join(_line(line) for line in lines)


def _line(line: bytes) -> bytes:
    """Return the bytes of a line; programs add a sum to it, or leave out its blanks."""
    count = (line[0] - ord(" ")) & _BYTES
    letters = 1 + -(-count // 3) * 4
    try:
        return binascii.a2b_uu(line[:letters])
    except binascii.Error:
        return b""
