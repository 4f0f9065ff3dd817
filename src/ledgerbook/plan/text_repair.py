"""Official wording from damaged text: noise spaces out, punctuation widened.

Both readers' texts pass through :func:`official`, so that the same plan gives the
same words whether it was scanned or typed.
"""

from __future__ import annotations

import re

# The full-width forms lie this far above their ASCII twins.
_FULL_WIDTH_OFFSET = 0xFEE0

_PUNCTUATION = ",:;!?()"
_TO_FULL_WIDTH = {ord(mark): ord(mark) + _FULL_WIDTH_OFFSET for mark in _PUNCTUATION}

# All else that has a full-width form (digits, letters, the stop after a number) is
# ASCII in an official text.
_TO_HALF_WIDTH = {
    code + _FULL_WIDTH_OFFSET: code
    for code in range(ord("!"), ord("~") + 1)
    if chr(code) not in _PUNCTUATION
}

_WHITE_SPACE = re.compile(r"\s+")
_ASCII_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]")
_BRACKET_PAIR = re.compile(r"\(([^()]*)\)")
_PUNCTUATION_MARK = re.compile(f"[{_PUNCTUATION}]")

# GB/T 9704-2012 7.2.5: the year of a document number is written in full, in
# hexagonal brackets; scans and typists give it any other kind.
_DOCUMENT_NUMBER = re.compile(
    r"[(\[\uff08\u3014\u3010\ufe5d]((?:19|20)\d\d)[)\]\uff09\u3015\u3011\ufe5e]"
    r"\s*(\d+)\s*号"
)


def narrow_characters(text: str) -> str:
    """Full-width digits and Latin letters as ASCII; nothing else changes."""
    return text.translate(_TO_HALF_WIDTH)


def remove_noise_spaces(text: str) -> str:
    """Drop the spaces that wrapped lines leave behind.

    A space stays between two Latin letters or digits, where it may part words.
    """

    def replace_space(space: re.Match[str]) -> str:
        before, after = _get_neighbours(text, space)
        return " " if _is_ascii_alphanumeric(before) and _is_ascii_alphanumeric(after) else ""

    return _WHITE_SPACE.sub(replace_space, text)


def format_official(text: str) -> str:
    """Return ``text`` as an official document would print it, on one line."""
    without_spaces = remove_noise_spaces(narrow_characters(text))
    return widen_punctuation(_DOCUMENT_NUMBER.sub(r"〔\1〕\2号", without_spaces))


def widen_punctuation(text: str) -> str:
    """Widen punctuation unless Latin text or a number surrounds it (10:30, f(x)).

    What is widened changes what surrounds its neighbours, so it goes on until all is.
    """
    while (widened_text := _widen_punctuation_once(text)) != text:
        text = widened_text
    return text


def _widen_punctuation_once(text: str) -> str:

    def widen_pair(match: re.Match[str]) -> str:
        before, after = _get_neighbours(text, match)
        is_latin = match[1].isascii() and (
            _is_ascii_alphanumeric(before) or _is_ascii_alphanumeric(after)
        )
        return match[0] if is_latin else f"\uff08{match[1]}\uff09"

    pairs_widened = _BRACKET_PAIR.sub(widen_pair, text)
    # The brackets that ``pair`` left alone must both stay as they are.
    untouched = {
        index
        for pair_match in _BRACKET_PAIR.finditer(pairs_widened)
        for index in (pair_match.start(), pair_match.end() - 1)
    }

    def widen_mark(match: re.Match[str]) -> str:
        is_between_ascii = all(map(_is_ascii_alphanumeric, _get_neighbours(pairs_widened, match)))
        keep_mark = is_between_ascii or match.start() in untouched
        return match[0] if keep_mark else match[0].translate(_TO_FULL_WIDTH)

    return _PUNCTUATION_MARK.sub(widen_mark, pairs_widened)


def _get_neighbours(text: str, match: re.Match[str]) -> tuple[str, str]:
    start, end = match.span()
    return text[max(start - 1, 0) : start], text[end : end + 1]


def _is_ascii_alphanumeric(character: str) -> bool:
    return _ASCII_ALPHANUMERIC.match(character) is not None
