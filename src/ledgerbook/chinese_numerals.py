"""Convert Chinese numerals to numbers and back: 十二 ⇄ 12, 二〇二二 → 2022.

The constants hold the characters for use in the character classes of regular
expressions; no other module spells them out.
"""

from __future__ import annotations

DIGITS = "一二三四五六七八九"
ZEROS = "〇零○"
# Latin letters that typists and scans put in place of 〇.
ZERO_LOOKALIKES = "Oo"
# The characters of an ordinal from 一 to 九十九.
ORDINAL_CHARACTERS = f"{DIGITS}十"

_FIGURES = str.maketrans(
    {
        **{digit: str(value) for value, digit in enumerate(DIGITS, 1)},
        **dict.fromkeys(ZEROS + ZERO_LOOKALIKES, "0"),
        "两": "2",
    }
)


def format_numeral(number: int) -> str:
    """Return ``number``, from 1 to 99, as a Chinese numeral: 十二, 三十, 四十五."""
    tens, ones = divmod(number, 10)
    tens_text = ("" if tens == 1 else DIGITS[tens - 1]) + "十" if tens else ""
    return tens_text + (DIGITS[ones - 1] if ones else "")


def parse_numeral(numeral: str) -> int:
    """Return the number from 1 to 99 that ``numeral`` stands for.

    ``numeral`` consists of ``ORDINAL_CHARACTERS``. Characters that make no numeral
    together (一二, 十十) give a number too, never an error: the caller compares it
    with the number that it expects.
    """
    tens, ten, ones = numeral.rpartition("十")
    return (10 * (_parse_digit(tens) or 1) if ten else 0) + _parse_digit(ones)


def _parse_digit(text: str) -> int:
    """Return the value of the first character of ``text``; 0 where it is no digit."""
    return DIGITS.find(text[0]) + 1 if text else 0


def convert_digits(text: str) -> str:
    """Return ``text`` with each Chinese digit as an ASCII digit: 二〇二二 → 2022."""
    return text.translate(_FIGURES)


def convert_numeral(numeral: str) -> str:
    """Return a numeral in ASCII digits: 十二 → 12, 二〇二二 → 2022.

    ``numeral`` consists of Chinese digits, zeros, 两 and 十. What is no numeral below
    100 although it contains 十 is returned unchanged.
    """
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return convert_digits(numeral)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str(int(convert_digits(tens) or "1") * 10 + int(convert_digits(ones) or "0"))
