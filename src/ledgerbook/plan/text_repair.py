"""Official wording from damaged text: noise spaces out, punctuation widened.

Both readers' texts pass through :func:`official`, so that the same plan gives the
same words whether it was scanned or typed.
"""

from __future__ import annotations

import re

# The full-width forms lie this far above their ASCII twins.
_FULL = 0xFEE0

_PUNCTUATION = ",:;!?()"
_WIDE = {ord(mark): ord(mark) + _FULL for mark in _PUNCTUATION}

# All else that has a full-width form (digits, letters, the stop after a number) is
# ASCII in an official text.
_NARROW = {
    code + _FULL: code
    for code in range(ord("!"), ord("~") + 1)
    if chr(code) not in _PUNCTUATION
}

_SPACE = re.compile(r"\s+")
_ASCII_WORD = re.compile(r"[0-9A-Za-z]")
_PAIR = re.compile(r"\(([^()]*)\)")
_MARK = re.compile(f"[{_PUNCTUATION}]")

# GB/T 9704-2012 7.2.5: the year of a document number is written in full, in
# hexagonal brackets; scans and typists give it any other kind.
_DOCUMENT_NUMBER = re.compile(
    r"[(\[\uff08\u3014\u3010\ufe5d]((?:19|20)\d\d)[)\]\uff09\u3015\u3011\ufe5e]"
    r"\s*(\d+)\s*号"
)


def narrow(text: str) -> str:
    """Full-width digits and Latin letters as ASCII; nothing else changes."""
    return text.translate(_NARROW)


def without_noise(text: str) -> str:
    """Drop the spaces that wrapped lines leave behind.

    A space stays between two Latin letters or digits, where it may part words.
    """

    def kept(space: re.Match[str]) -> str:
        before, after = _neighbours(text, space)
        return " " if _is_ascii(before) and _is_ascii(after) else ""

    return _SPACE.sub(kept, text)


def official(text: str) -> str:
    """Return ``text`` as an official document would print it, on one line."""
    joined = without_noise(narrow(text))
    return widened(_DOCUMENT_NUMBER.sub(r"〔\1〕\2号", joined))


def widened(text: str) -> str:
    """Widen punctuation unless Latin text or a number surrounds it (10:30, f(x)).

    What is widened changes what surrounds its neighbours, so it goes on until all is.
    """
    while (wider := _widened_once(text)) != text:
        text = wider
    return text


def _widened_once(text: str) -> str:

    def pair(match: re.Match[str]) -> str:
        before, after = _neighbours(text, match)
        latin = match[1].isascii() and (_is_ascii(before) or _is_ascii(after))
        return match[0] if latin else f"\uff08{match[1]}\uff09"

    paired = _PAIR.sub(pair, text)
    # The brackets that ``pair`` left alone must both stay as they are.
    left = {at for m in _PAIR.finditer(paired) for at in (m.start(), m.end() - 1)}

    def mark(match: re.Match[str]) -> str:
        inside = all(map(_is_ascii, _neighbours(paired, match)))
        keep = inside or match.start() in left
        return match[0] if keep else match[0].translate(_WIDE)

    return _MARK.sub(mark, paired)


def _neighbours(text: str, match: re.Match[str]) -> tuple[str, str]:
    start, end = match.span()
    return text[max(start - 1, 0) : start], text[end : end + 1]


def _is_ascii(character: str) -> bool:
    return _ASCII_WORD.match(character) is not None
