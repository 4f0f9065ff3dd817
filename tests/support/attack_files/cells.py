"""Attacks in the cells: absurd places, endless counts, values that are none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.support.attack_files.base import (
    SHEET,
    STRINGS,
    Attack,
    attack,
    changed,
    put,
    sheet_of,
    with_sheet,
)

_END = "</sheetData>"
# An answer cell of the genuine return: the result of its first task.
_PLACE = "L6"


def with_row(row: str, rest: str = "") -> bytes:
    """Add a row of cells, and what stands behind all rows, to the genuine sheet."""
    return changed({SHEET: put(_END, f"{row}{_END}{rest}")})


def at(reference: str) -> Callable[[], bytes]:
    return lambda: with_row(f'<row><c r="{reference}"><v>1</v></c></row>')


def row(number: str) -> Callable[[], bytes]:
    return lambda: with_row(f'<row r="{number}"><c><v>1</v></c></row>')


def answer(cell: str) -> Callable[[], bytes]:
    """Put ``cell`` in the place of an answer; ``{}`` stands for its reference."""

    def change(data: bytes) -> bytes:
        start = data.index(f'<c r="{_PLACE}"'.encode())
        end = data.index(b"</c>", start) + 4
        fresh = cell.replace("{}", f'r="{_PLACE}"').encode()
        return data[:start] + fresh + data[end:]

    return lambda: changed({SHEET: change})


def inline(text: str) -> str:
    return f'<c {{}} t="inlineStr"><is><t>{text}</t></is></c>'


def shared_count(old: str, count: str) -> Callable[[], bytes]:
    def change(data: bytes) -> bytes:
        start = data.index(old.encode())
        end = data.index(b'"', start + len(old))
        return data[:start] + f"{old}{count}".encode() + data[end:]

    return lambda: changed({STRINGS: change})


def merged(areas: str, count: int) -> bytes:
    return with_row("", f'<mergeCells count="{count}">{areas}</mergeCells>')


def many_merges(count: int) -> bytes:
    areas = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(100, 100 + count))
    return merged(areas, count)


def many_comments(count: int) -> bytes:
    """Hang ten thousand notes on the sheet."""
    items = "".join(
        f'<comment ref="A{n}" authorId="0"><text><t>{n}</t></text></comment>'
        for n in range(1, count + 1)
    )
    part = f"<comments><authors><author/></authors><commentList>{items}"
    link = (
        b'<Relationships><Relationship Id="rId1" Target="../comments1.xml" Type="'
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
        b'comments"/></Relationships>'
    )
    return changed(
        {
            "xl/comments1.xml": f"{part}</commentList></comments>".encode(),
            "xl/worksheets/_rels/sheet1.xml.rels": link,
        }
    )


def many_rules(count: int) -> bytes:
    rules = "".join(
        f'<conditionalFormatting sqref="A1:XFD{n}"><cfRule type="expression" '
        f'priority="{n}"><formula>SUM($A$1:$XFD$1048576)&gt;{n}</formula></cfRule>'
        "</conditionalFormatting>"
        for n in range(1, count + 1)
    )
    return with_row("", rules)


def formula_bombs() -> bytes:
    """Ask for what no program could work out, and give no result."""
    formula = 'REPT("x",32767)&amp;SUMPRODUCT(ROW($1:$1048576)^COLUMN($1:$16384))'
    cells = "".join(f'<c r="A{n}"><f>{formula}</f></c>' for n in range(30, 1030))
    return with_row(f"<row>{cells}</row>")


def field(rows: int, columns: int) -> str:
    """Return rows of numbers, each row and cell with its reference."""
    letters = [chr(ord("A") + n) for n in range(columns)]
    return "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{letter}{r}"><v>{r}</v></c>' for letter in letters)
        + "</row>"
        for r in range(1, rows + 1)
    )


def wide_field(rows: int, columns: int, attributes: str = "") -> bytes:
    return with_sheet(sheet_of(field(rows, columns)), "大", attributes)


# So long, and still no bomb: a text that repeats itself would pass for one.
_LONG = "".join(chr(0x4E00 + n * n % 9973) for n in range(500_000))
_FAR = ("file-suspect",)
_BAD = ("file-suspect", "file-damaged", "file-unreadable")
_TOO_MANY = ("file-too-large",)

CELLS: tuple[Attack, ...] = (
    attack("最远一格.xlsx", at("XFD1048576"), *_FAR),
    attack("第零行.xlsx", at("A0"), *_FAR),
    attack("行过界.xlsx", at("A1048577"), *_FAR),
    attack("列过界.xlsx", at("XFE1"), *_FAR),
    attack("负行.xlsx", at("A-1"), *_FAR),
    attack("行号极大.xlsx", at("A99999999999"), *_FAR),
    attack("行号溢出.xlsx", at("A4294967297"), *_FAR),
    attack("列名极长.xlsx", at("A" * 5000 + "1"), *_FAR),
    attack("编号小写.xlsx", at("a30"), *_FAR),
    attack("编号是乱写.xlsx", at("！"), *_FAR),
    attack("行属性为零.xlsx", row("0"), *_FAR),
    attack("行属性为负.xlsx", row("-5"), *_FAR),
    attack("行属性极大.xlsx", row("99999999999"), *_FAR),
    attack("行属性更大.xlsx", row("9" * 5000), *_BAD),
    attack("行属性不是数.xlsx", row("1e5"), *_BAD),
    attack(
        "空行号极大.xlsx",
        lambda: with_row('<row r="99999999999"></row>'),
        "",
        *_BAD,
    ),
    attack(
        "行与格不一致.xlsx",
        lambda: with_row('<row r="40"><c r="A50"><v>1</v></c></row>'),
        "stray",
        *_BAD,
    ),
    attack(
        "同一格两次.xlsx",
        lambda: with_row(f'<row r="6"><c r="{_PLACE}" t="str"><v>第二个答案</v></c></row>'),
        "file-suspect",
    ),
    attack("文字数四十亿.xlsx", shared_count('count="', "4294967295"), *_FAR),
    attack("去重数四十亿.xlsx", shared_count('uniqueCount="', "4294967295"), *_FAR),
    attack("文字数为负.xlsx", shared_count('count="', "-1"), "", *_BAD),
    attack("文字数不是数.xlsx", shared_count('count="', "x"), "", *_BAD),
    attack("文字号越界.xlsx", answer('<c {} t="s"><v>999999</v></c>'), *_BAD),
    attack("文字号极大.xlsx", answer(f'<c {{}} t="s"><v>{"9" * 30}</v></c>'), *_BAD),
    attack("文字号为负.xlsx", answer('<c {} t="s"><v>-1</v></c>'), *_BAD),
    attack("文字号不是数.xlsx", answer('<c {} t="s"><v>x</v></c>'), *_BAD),
    attack("样式越界.xlsx", answer('<c {} s="99999"><v>5</v></c>'), "number-in-text", *_BAD),
    attack("样式为负.xlsx", answer('<c {} s="-1"><v>5</v></c>'), "number-in-text", *_BAD),
    attack("类型不明.xlsx", answer('<c {} t="zz"><v>5</v></c>'), "", *_BAD),
    attack("数极大.xlsx", answer("<c {}><v>1e999</v></c>"), "cell-error"),
    attack("数不是数.xlsx", answer("<c {}><v>nan</v></c>"), "cell-error"),
    attack("数是文字.xlsx", answer("<c {}><v>甲</v></c>"), "", *_BAD),
    attack("数很长.xlsx", answer(f"<c {{}}><v>{'7' * 100_000}</v></c>"), "cell-error"),
    attack("真假值为七.xlsx", answer('<c {} t="b"><v>7</v></c>'), "", *_BAD),
    attack("日期坏.xlsx", answer('<c {} t="d"><v>2022-99-99</v></c>'), "", *_BAD),
    attack("错误值.xlsx", answer('<c {} t="e"><v>#REF!</v></c>'), "cell-error"),
    attack("错误值自造.xlsx", answer('<c {} t="e"><v>=1+1</v></c>'), *_BAD),
    attack("未算公式.xlsx", answer("<c {}><f>1+1</f></c>"), "cell-error"),
    attack("四万字.xlsx", answer(inline("完" * 40_000)), "too-long"),
    attack("五十万字.xlsx", answer(inline(_LONG)), "too-long"),
    attack("控制字符.xlsx", answer(inline("a_x0001__x0002_b")), "odd-characters", ""),
    attack("二十万合并.xlsx", partial(many_merges, 200_000), "attachment-unread"),
    attack(
        "合并全表.xlsx",
        lambda: merged('<mergeCell ref="A1:XFD1048576"/>', 1),
        "",
    ),
    attack("合并乱写.xlsx", lambda: merged('<mergeCell ref="!!"/>', 9), *_BAD, ""),
    attack("一万批注.xlsx", partial(many_comments, 10_000), "attachment-unread"),
    attack("五千条件格式.xlsx", partial(many_rules, 5000), ""),
    attack("公式炸弹.xlsx", formula_bombs, "stray"),
    attack("百万格.xlsx", partial(wide_field, 62_500, 16), *_TOO_MANY),
    attack("百万行.xlsx", partial(wide_field, 1_048_576, 1), *_TOO_MANY),
    attack(
        "深藏大表.xlsx",
        partial(wide_field, 20_000, 16, 'state="veryHidden"'),
        *_TOO_MANY,
    ),
    attack("万行杂写.xlsx", partial(wide_field, 10_000, 1), "foreign-sheet"),
    attack("散开.xlsx", at("XFD900"), *_FAR),
)
