"""Format a number as a workbook shows it, by the code of its number format.

The codes are those of ECMA-376 Part 1 §18.8.31, in which a section is for positive numbers,
negative numbers, zero or texts. Covered are the built-in formats of a Chinese Excel and what the
menus of Excel, WPS and LibreOffice offer, as far as the file alone decides what was seen; for any
other code, or where programs differ, the answer is None and never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ledgerbook.chinese_numerals import DIGITS, format_numeral
from ledgerbook.text import format_value

GENERAL = "General"
# The built-in formats of a Chinese Excel by their number (ECMA-376 Part 1 §18.8.30, zh-cn). The
# short date, 14 and 22, hangs on the computer: here it is as LibreOffice shows it in Chinese.
BUILT_IN_FORMATS: Mapping[int, str] = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6), '"￥"#,##0;"￥"-#,##0'),
    **dict.fromkeys((7, 8), '"￥"#,##0.00;"￥"-#,##0.00'),
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-m-d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-m-d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
    **dict.fromkeys((37, 38), "#,##0;-#,##0"),
    **dict.fromkeys((39, 40), "#,##0.00;-#,##0.00"),
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "￥"* #,##0_ ;_ "￥"* -#,##0_ ;_ "￥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "￥"* #,##0.00_ ;_ "￥"* -#,##0.00_ ;_ "￥"* "-"??_ ;_ @_ ',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
# A Chinese LibreOffice writes General into an .xlsx as the second of these codes.
_GENERAL_CODES = {"G/通用格式", 'ge\\ner"al"'}

_SECTION = re.compile(r'(?:"[^"]*"|\\.|[_*].|\[[^\]]*\]|[^;])*')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>general)|(?P<half>am/pm|上午/下午)"
    r"|(?P<moment>y+|m+|d+|h+|s+(?:\.0{1,3})?|a{3,4})"
    r"|(?P<exponent>e[+-])|(?P<digit>[0#?])|(?P<mark>[.,%])|(?P<text>@)"
    r"|(?P<slash>/)|(?P<literal>[-+$(): &'^~{}<>=¥￥€]|[^\x00-\x7f])",
    re.IGNORECASE | re.DOTALL,
)
_COLOR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-\]]*)(?:-([0-9A-F]+))?", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_FRACTION = re.compile(r"(?:[#0] )?(?P<numerator>\?{1,3})/(?P<denominator>\?{1,3}|[1-9]\d{0,2})")
# The language of names, by the number in a code: without one they are English, also in a Chinese
# Excel. The long date and the time of day of the computer's own settings (F800, F400) are not
# among them.
_LANGUAGES = {"": "en", "804": "zh", "409": "en"}
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ENGLISH_WEEKDAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday"),
    *("Friday", "Saturday", "Sunday"),
)
_WEEKDAYS = "一二三四五六日"

_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  workbooks know no time zones
# Excel counts a 29 February 1900 that did not exist: before March programs show different days.
_FIRST_DAY, _LAST_DAY = 61, 2_958_466  # the second is 10000-01-01
# 2**32 seconds, beyond which LibreOffice counts no more.
_MAX_ELAPSED_DAYS = 49_710
_MILLISECONDS_PER_DAY = 86_400_000
# A number has no more digits that Excel keeps.
_MAX_NUMBER = 10**15


class _FormatToken(NamedTuple):
    kind: str
    text: str


class _FormatSection(NamedTuple):
    """The tokens of one section, the language of its names, and whether digits are Chinese."""

    tokens: tuple[_FormatToken, ...]
    language: str = "en"
    has_chinese_digits: bool = False
    code: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(token.kind for token in self.tokens)


def format_number(value: float, code: str) -> str | None:
    """Return how ``value`` is shown by a format ``code``; None where that is not certain."""
    sections = _parse_code(code)
    if sections is None or abs(value) >= _MAX_NUMBER:
        return None
    section, is_signed = _choose_section(sections, value)
    format_body = next((form for kind, form in _FORMATTERS if kind in section.kinds), None)
    if _FRACTION.fullmatch(section.code):
        format_body = _format_fraction
    if format_body is None:
        format_body = _format_literals
    if value < 0 and format_body is _format_moment:
        return None
    body = format_body(section, abs(value))
    if not body:
        return None
    # What is rounded to zero has no sign.
    has_sign = is_signed and value < 0 and re.search(r"[1-9]", body)
    return f"-{body}" if has_sign else body


@lru_cache(maxsize=512)
def _parse_code(code: str) -> tuple[_FormatSection, ...] | None:
    """Return the sections of a code for numbers; None for a code that is not covered."""
    if code in _GENERAL_CODES:
        code = GENERAL
    pieces: list[str] = []
    position = 0
    while position <= len(code):
        match = _SECTION.match(code, position)
        pieces.append(match[0] if match else "")
        position += len(pieces[-1]) + 1
    sections = [_parse_section(piece) for piece in pieces]
    if None in sections or len(pieces) > _MAX_SECTIONS:
        return None
    parsed = [section for section in sections if section]
    # A last section with @ is for texts, unless it is the only one.
    if len(parsed) > 1 and "text" in parsed[-1].kinds:
        parsed.pop()
    return tuple(parsed[: _MAX_SECTIONS - 1])


_MAX_SECTIONS = 4


def _parse_section(piece: str) -> _FormatSection | None:
    tokens: list[_FormatToken] = []
    language, has_chinese_digits, position = "en", False, 0
    is_fraction = _FRACTION.fullmatch(piece)
    while position < len(piece) and not is_fraction:
        match = _TOKEN.match(piece, position)
        if match is None:
            return None
        position = match.end()
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "bracket":
            currency = _CURRENCY.fullmatch(text)
            if currency:
                language = _LANGUAGES.get((currency[2] or "").upper(), "")
            elif text.upper() == "DBNUM1":
                has_chinese_digits = True
            token = _FormatToken("literal", currency[1]) if currency else _parse_bracket(text)
            if token is None or not (language or token.text):
                return None
        else:
            token = _make_token(kind, text)
        tokens.append(token)
    section = _FormatSection(tuple(tokens), language, has_chinese_digits, piece)
    # Programs write Chinese numerals of numbers and times in different ways.
    is_date = section.kinds <= {"moment", "literal", "slash"} and not any(
        token.kind == "moment" and token.text[0] in "hs" for token in tokens
    )
    return None if has_chinese_digits and not is_date else section


def _parse_bracket(text: str) -> _FormatToken | None:
    """Return what stands for a bracket; None for a condition, and for what is not known."""
    if _ELAPSED.fullmatch(text):
        return _FormatToken("elapsed", text.lower())
    is_shown_as_is = _COLOR.fullmatch(text) or text.upper() == "DBNUM1"
    return _FormatToken("literal", "") if is_shown_as_is else None


def _make_token(kind: str, text: str) -> _FormatToken:
    match kind:
        case "width":
            return _FormatToken("literal", " ")
        case "fill":
            return _FormatToken("literal", "")
        case "quoted" | "escaped":
            return _FormatToken("literal", text)
        case _:
            return _FormatToken(kind, text.lower())


def _choose_section(
    sections: Sequence[_FormatSection], value: float
) -> tuple[_FormatSection, bool]:
    """Return the section for a number, and whether a sign is shown beside it."""
    if value < 0 and len(sections) > 1:
        return sections[1], False
    if value == 0 and len(sections) == _MAX_SECTIONS - 1:
        return sections[2], False
    return sections[0], True


def _to_decimal(value: float) -> Decimal:
    return Decimal(f"{value:.15g}")


def _format_general(section: _FormatSection, value: float) -> str | None:
    text = format_value(float(value))
    # Programs write very small numbers in different ways.
    if "e" in text or section.kinds - {"general", "text", "literal"}:
        return None
    shown = ("general", "text")
    return "".join(text if token.kind in shown else token.text for token in section.tokens)


def _format_literals(section: _FormatSection, value: float) -> str | None:
    return "".join(token.text for token in section.tokens if token.kind == "literal")


# --- numbers ---


def _format_digits(section: _FormatSection, value: float) -> str | None:
    """Format by placeholders of digits, with thousands, percent, scale or exponent."""
    tokens = [_FormatToken("literal", "%") if t == ("mark", "%") else t for t in section.tokens]
    if {token.kind for token in tokens} - {"digit", "mark", "literal", "exponent"}:
        return None
    places = 2 * sum(token == ("mark", "%") for token in section.tokens)
    form = _format_exponent if "exponent" in section.kinds else _format_decimal
    text = form(tokens, _to_decimal(value).scaleb(places))
    # Programs that multiply before they round show 1.005 as 100%, others as 101%.
    is_certain = not places or text == form(tokens, Decimal(repr(value * 10.0**places)))
    return text if is_certain else None


def _format_decimal(tokens: Sequence[_FormatToken], number: Decimal) -> str | None:
    points = [index for index, token in enumerate(tokens) if token == ("mark", ".")]
    if len(points) > 1:
        return None
    point = points[0] if points else len(tokens)
    digit_places = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    commas = [index for index, token in enumerate(tokens) if token == ("mark", ",")]
    scaling = [index for index in commas if index > digit_places[-1]]
    grouping = [index for index in commas if digit_places[0] < index < min(point, digit_places[-1])]
    if len(scaling) + len(grouping) < len(commas):
        return None
    # Commas behind the last digit divide by a thousand each.
    number = number.scaleb(-3 * len(scaling))
    decimals = [token for token in tokens[point + 1 :] if token != ("mark", ",")]
    integers = [token for token in tokens[:point] if token != ("mark", ",")]
    width = sum(token.kind == "digit" for token in decimals)
    rounded = number.quantize(Decimal(1).scaleb(-width), ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    fraction = _fill_decimals(decimals, part)
    has_point = bool(points) and any(
        token.kind == "digit" and character for token, character in fraction
    )
    return (
        _fill_integers(integers, whole.lstrip("0"), is_grouped=bool(grouping))
        + ("." if has_point else "")
        + "".join(character for _, character in fraction)
    )


def _fill_integers(tokens: Sequence[_FormatToken], digits: str, *, is_grouped: bool) -> str:
    """Put ``digits`` from the right into the placeholders; the first one takes all the rest."""
    pieces: list[str] = []
    first = next((i for i, token in enumerate(tokens) if token.kind == "digit"), -1)
    rest, count = digits, 0
    for index in range(len(tokens) - 1, -1, -1):
        if tokens[index].kind != "digit":
            pieces.append(tokens[index].text)
            continue
        taken = rest if index == first else rest[-1:]
        rest = rest[: len(rest) - len(taken)]
        for character in reversed(taken or _PADDING[tokens[index].text]):
            if is_grouped and count and count % 3 == 0 and character != " ":
                pieces.append(",")
            pieces.append(character)
            count += 1
    return "".join(reversed(pieces))


_PADDING = {"0": "0", "#": "", "?": " "}


def _fill_decimals(tokens: Sequence[_FormatToken], digits: str) -> list[tuple[_FormatToken, str]]:
    """Put ``digits`` into the placeholders; zeros at the end only where one asks for them."""
    filled: list[tuple[_FormatToken, str]] = []
    significant = len(digits.rstrip("0"))
    place = 0
    for token in tokens:
        character = token.text
        if token.kind == "digit":
            character = digits[place] if place < significant else _PADDING[token.text]
            place += 1
        filled.append((token, character))
    return filled


def _format_exponent(tokens: Sequence[_FormatToken], number: Decimal) -> str | None:
    """Format in scientific notation; the exponent is a multiple of the digits before the point."""
    place = next(index for index, token in enumerate(tokens) if token.kind == "exponent")
    mantissa, exponent_tokens = tokens[:place], tokens[place + 1 :]
    if not exponent_tokens or {token.kind for token in exponent_tokens} != {"digit"}:
        return None
    point = next((i for i, t in enumerate(mantissa) if t == ("mark", ".")), len(mantissa))
    step = sum(token.kind == "digit" for token in mantissa[:point])
    decimals = sum(token.kind == "digit" for token in mantissa[point:])
    if not step:
        return None
    exponent = 0
    if number:
        exponent = number.adjusted() // step * step
        # 9.996 is shown as 1.00E+01.
        unit = Decimal(1).scaleb(-decimals)
        if number.scaleb(-exponent).quantize(unit, ROUND_HALF_UP) >= Decimal(10) ** step:
            exponent += step
    body = _format_decimal(mantissa, number.scaleb(-exponent))
    sign = "-" if exponent < 0 else "+" if tokens[place].text == "e+" else ""
    digits = _fill_integers(exponent_tokens, str(abs(exponent)).lstrip("0"), is_grouped=False)
    return f"{body}E{sign}{digits}"


def _format_fraction(section: _FormatSection, value: float) -> str | None:
    match = _FRACTION.fullmatch(section.code)
    is_mixed = section.code.startswith(("# ", "0 "))
    if match is None or not is_mixed or value >= _MAX_MIXED_NUMBER:
        return None
    number = Fraction(_to_decimal(value))
    whole = int(number)
    width, denominator_code = len(match["numerator"]), match["denominator"]
    if denominator_code.isdigit():
        denominator = int(denominator_code)
        exact_numerator = (number - whole) * denominator
        numerator = int(exact_numerator + Fraction(1, 2))
        if numerator - exact_numerator == Fraction(1, 2):
            # Programs round a half up or down.
            return None
    else:
        part = (number - whole).limit_denominator(10 ** len(denominator_code) - 1)
        numerator, denominator = part.numerator, part.denominator
    if numerator == denominator:
        whole, numerator = whole + 1, 0
    if not numerator:
        return str(whole)
    whole_text = str(whole) if whole or section.code[0] == "0" else ""
    return f"{whole_text} {numerator:>{width}}/{denominator}"


# Programs show larger numbers in different ways.
_MAX_MIXED_NUMBER = 10**9


# --- dates and times ---


def _format_moment(section: _FormatSection, value: float) -> str | None:
    """Format a day or a time of day that a serial number stands for."""
    milliseconds = round(value * _MILLISECONDS_PER_DAY)
    moments = [token for token in section.tokens if token.kind in ("moment", "elapsed")]
    if section.kinds - {"moment", "elapsed", "literal", "slash", "half", "mark"} or not moments:
        return None
    if not _is_shown_alike(section, moments, value, milliseconds):
        return None
    moment = _DAY_ZERO + timedelta(milliseconds=milliseconds)
    hour = (moment.hour % 12 or 12) if "half" in section.kinds else moment.hour
    place = -1
    pieces: list[str | None] = []
    for token in section.tokens:
        if token.kind == "half":
            pieces.append(_name_half_day(token.text, section.language, moment))
        elif token.kind not in ("moment", "elapsed"):
            pieces.append(token.text)
        else:
            place += 1
            key = _get_part(moments, place)
            if token.kind == "elapsed":
                count = milliseconds // _ELAPSED_UNITS[key]
                pieces.append(str(count).zfill(len(token.text)))
            else:
                format_part = _MOMENT_FORMATTERS[key]
                shown_moment = moment.replace(hour=hour) if key == "h" else moment
                part = format_part(shown_moment, len(token.text), section)
                pieces.append(part + _format_milliseconds(token.text, moment) if part else None)
    if any(piece is None for piece in pieces):
        return None
    return "".join(piece or "" for piece in pieces)


def _is_shown_alike(
    section: _FormatSection, moments: Sequence[_FormatToken], value: float, milliseconds: int
) -> bool:
    """Return whether all programs show the same for a serial number."""
    keys = {_get_part(moments, index) for index in range(len(moments))}
    # Programs round or cut parts of a second that are not shown.
    has_hidden_part = milliseconds % 1000 and not any("." in token.text for token in moments)
    return (
        milliseconds < _LAST_DAY * _MILLISECONDS_PER_DAY
        and not (keys & set("ymda") and value < _FIRST_DAY)
        and not ("elapsed" in section.kinds and value >= _MAX_ELAPSED_DAYS)
        and not (has_hidden_part and keys & set("hns"))
    )


_ELAPSED_UNITS = {"h": 3_600_000, "n": 60_000, "s": 1000}


def _get_part(moments: Sequence[_FormatToken], index: int) -> str:
    """Return what a token shows: y, m, d, a weekday, h, n for minutes, s.

    An m stands for minutes behind hours, before seconds, and where it counts all of them.
    """
    token = moments[index]
    part = token.text[0]
    if part != "m" or len(token.text) > len("mm"):
        return part
    is_behind_hours = index > 0 and moments[index - 1].text[0] == "h"
    is_before_seconds = index + 1 < len(moments) and moments[index + 1].text[0] == "s"
    is_minute = token.kind == "elapsed" or is_behind_hours or is_before_seconds
    return "n" if is_minute else part


def _format_milliseconds(code: str, moment: datetime) -> str:
    _, point, zeros = code.partition(".")
    return point + f"{moment.microsecond // 1000:03}"[: len(zeros)]


def _name_half_day(code: str, language: str, moment: datetime) -> str:
    names = ("上午", "下午") if language == "zh" or code != "am/pm" else ("AM", "PM")
    return names[moment.hour >= 12]  # noqa: PLR2004  noon


def _format_year(moment: datetime, length: int, section: _FormatSection) -> str | None:
    text = f"{moment.year:04}" if length > len("yy") else f"{moment.year % 100:02}"
    return "".join(_YEAR_DIGITS[int(d)] for d in text) if section.has_chinese_digits else text


_YEAR_DIGITS = f"〇{DIGITS}"


def _format_month(moment: datetime, length: int, section: _FormatSection) -> str | None:
    if length <= len("mm"):
        return _format_part(moment.month, length, section)
    name = _ENGLISH_MONTHS[moment.month - 1]
    names: Mapping[str, tuple[str, ...]] = {
        "en": (name[:3], name, name[:1]),
        "zh": (f"{moment.month}月", f"{format_numeral(moment.month)}月"),
    }
    return _get_name(names.get(section.language, ()), length)


def _format_day(moment: datetime, length: int, section: _FormatSection) -> str | None:
    if length <= len("dd"):
        return _format_part(moment.day, length, section)
    if section.language == "zh":
        return _format_weekday(moment, length, section)
    name = _ENGLISH_WEEKDAYS[moment.weekday()]
    return _get_name((name[:3], name) if section.language == "en" else (), length)


def _format_weekday(moment: datetime, length: int, section: _FormatSection) -> str | None:
    name = _WEEKDAYS[moment.weekday()]
    return _get_name((name, f"星期{name}"), length)


def _get_name(names: Sequence[str], length: int) -> str | None:
    """Return the name that a code of ``length`` letters asks for, three for the first."""
    return names[length - 3] if length - 3 < len(names) else None


def _format_part(number: int, length: int, section: _FormatSection) -> str | None:
    if section.has_chinese_digits:
        return format_numeral(number)
    return str(number).zfill(length) if length <= len("dd") else None


_MOMENT_FORMATTERS: Mapping[str, Callable[[datetime, int, _FormatSection], str | None]] = {
    "y": _format_year,
    "m": _format_month,
    "d": _format_day,
    "a": _format_weekday,
    "h": lambda moment, length, section: _format_part(moment.hour, length, section),
    "n": lambda moment, length, section: _format_part(moment.minute, length, section),
    "s": lambda moment, length, section: _format_part(
        moment.second, min(length, len("ss")), section
    ),
}

# The kind of a token that decides how a section is read → what formats it; the first that occurs.
_FORMATTERS: tuple[tuple[str, Callable[[_FormatSection, float], str | None]], ...] = (
    ("moment", _format_moment),
    ("elapsed", _format_moment),
    ("general", _format_general),
    ("text", _format_general),
    ("digit", _format_digits),
)
