"""Repair the wording of damaged texts: remove stray spaces, widen punctuation.

The texts of all plans pass through :func:`format_official`, so that the same plan gives
the same words whether it was scanned or typed.
"""

from __future__ import annotations

import re

# The distance of the full-width forms (U+FF01 to U+FF5E) from their ASCII characters.
_FULL_WIDTH_OFFSET = 0xFEE0

_PUNCTUATION = ",:;!?()"
_TO_FULL_WIDTH = {ord(mark): ord(mark) + _FULL_WIDTH_OFFSET for mark in _PUNCTUATION}

# Every other character that has a full-width form (digits, letters, the dot after a
# number) is ASCII in an official text.
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
# hexagonal brackets (〔2022〕3号); scans and typists use other brackets.
_DOCUMENT_NUMBER = re.compile(
    r"[(\[\uff08\u3014\u3010\ufe5d]((?:19|20)\d\d)[)\]\uff09\u3015\u3011\ufe5e]"
    r"\s*(\d+)\s*号"
)


def narrow_characters(text: str) -> str:
    """Return ``text`` with full-width characters as ASCII, but for the marks ，：；！？（）."""
    return text.translate(_TO_HALF_WIDTH)


def remove_noise_spaces(text: str) -> str:
    """Remove the spaces that wrapped lines leave behind.

    A space between two Latin letters or digits stays, since it may separate words.
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
    """Return ``text`` with full-width punctuation, but within Latin text and numbers.

    The marks of 10:30 and f(x) stay. Widening a mark changes the surroundings of its
    neighbours, so the step is repeated until nothing changes.
    """
    while (widened_text := _widen_punctuation_once(text)) != text:
        text = widened_text
    return text


def _widen_punctuation_once(text: str) -> str:
    """Widen the marks whose neighbours allow it as they are now."""

    def widen_pair(match: re.Match[str]) -> str:
        before, after = _get_neighbours(text, match)
        is_latin = match[1].isascii() and (
            _is_ascii_alphanumeric(before) or _is_ascii_alphanumeric(after)
        )
        return match[0] if is_latin else f"\uff08{match[1]}\uff09"

    pairs_widened = _BRACKET_PAIR.sub(widen_pair, text)
    # Both brackets of a pair that ``widen_pair`` left alone must stay as they are.
    unchanged_indices = {
        index
        for pair_match in _BRACKET_PAIR.finditer(pairs_widened)
        for index in (pair_match.start(), pair_match.end() - 1)
    }

    def widen_mark(match: re.Match[str]) -> str:
        is_between_ascii = all(map(_is_ascii_alphanumeric, _get_neighbours(pairs_widened, match)))
        stays = is_between_ascii or match.start() in unchanged_indices
        return match[0] if stays else match[0].translate(_TO_FULL_WIDTH)

    return _PUNCTUATION_MARK.sub(widen_mark, pairs_widened)


def _get_neighbours(text: str, match: re.Match[str]) -> tuple[str, str]:
    """Return the characters before and after a match, blank at the ends of the text."""
    start, end = match.span()
    return text[max(start - 1, 0) : start], text[end : end + 1]


def _is_ascii_alphanumeric(character: str) -> bool:
    return _ASCII_ALPHANUMERIC.match(character) is not None
