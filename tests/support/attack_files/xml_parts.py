"""Attacks on the parts of a workbook: entities, encodings, relations, marks."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.attack_files.base import (
    CORE,
    OFFICE_RELATIONS,
    RELATIONS,
    SHEET,
    STRINGS,
    STYLES,
    TYPES,
    WORKBOOK,
    Attack,
    Change,
    attack,
    changed,
    put,
    sheet_of,
    with_sheet,
)

_LAUGHS = '<!DOCTYPE x [<!ENTITY a "{}">{}]>'.format(
    "ha" * 50,
    "".join(
        f'<!ENTITY {name} "{f"&{of};" * 10}">'
        for of, name in zip("abcdefgh", "bcdefghi", strict=True)
    ),
)
_FILE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
_OUTSIDE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def _headed(head: str, data: bytes) -> bytes:
    """Put ``head`` before the first element and use ``&i;`` in the first text."""
    declaration, mark, rest = data.partition(b"?>")
    if not mark or not declaration.startswith(b"<?xml"):
        declaration, mark, rest = b'<?xml version="1.0"', b"?>", data
    return declaration + mark + head.encode() + rest


def _with_entity(head: str) -> Change:
    def change(data: bytes) -> bytes:
        fresh = _headed(head, data)
        at = next((t for t in (b"</t>", b"</dc:title>") if t in fresh), b"")
        return fresh.replace(at, b"&i;" + at, 1) if at else fresh

    return change


def utf16_dtd(data: bytes) -> bytes:
    text = _headed(_OUTSIDE, data).decode()
    return text.replace("UTF-8", "UTF-16").encode("utf-16")


def utf16(data: bytes) -> bytes:
    text = data.decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")


def one(part: str, change: Change) -> Callable[[], bytes]:
    return lambda: changed({part: change})


def deep(depth: int) -> bytes:
    # Names of no two alike would cost us more than the reader.
    return b"<a>" * depth + b"</a>" * depth


def nested(part: str, end: str) -> bytes:
    """Nest elements forty thousand deep inside ``part``."""
    tail = f"</{end}>".encode()
    return changed({part: lambda old: old.replace(tail, deep(40_000) + tail, 1)})


def strict() -> bytes:
    """Use the namespaces of strict OOXML, as "Strict Open XML" saves them."""
    old = b"http://schemas.openxmlformats.org/"
    new = {
        b"spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }

    def change(data: bytes) -> bytes:
        for tail, name in new.items():
            data = data.replace(old + tail, name)
        return data

    parts = (SHEET, STRINGS, STYLES, WORKBOOK, RELATIONS)
    return changed(dict.fromkeys(parts, change))


def many_sheets(count: int) -> bytes:
    """List the one sheet under twenty thousand names."""
    more = "".join(
        f'<sheet xmlns:r="{OFFICE_RELATIONS}" name="表{n}" sheetId="{n}" r:id="rId1"/>'
        for n in range(100, 100 + count)
    )
    return changed({WORKBOOK: put("</sheets>", f"{more}</sheets>")})


def many_names(count: int) -> bytes:
    more = "".join(
        f'<definedName name="n{n}">Sheet1!$A$1:$XFD$1048576</definedName>' for n in range(count)
    )
    return changed({WORKBOOK: put("</definedNames>", f"{more}</definedNames>")})


def target(new: str, more: str = "") -> bytes:
    old = 'Target="/xl/worksheets/sheet1.xml"'
    return changed({RELATIONS: put(old, f'Target="{new}" {more}')})


def hidden_strings() -> bytes:
    """Keep the shared strings under a name of their own, with an absurd count.

    A guard that knows them by their name alone never sees this count.
    """
    parts = {
        RELATIONS: put("sharedStrings.xml", "texts.xml"),
        TYPES: put("sharedStrings.xml", "texts.xml"),
        STRINGS: None,
    }
    count = b'<sst count="4294967295" uniqueCount="4294967295"><si><t>x</t></si></sst>'
    return changed({**parts, "xl/texts.xml": count})


def keywords(words: str) -> bytes:
    return changed({CORE: put("<cp:keywords>", f"<cp:keywords>{words}")})


def forged_line() -> bytes:
    """Sign the visible line, the hidden sheet and the keywords for another section."""
    parts: dict[str, Change] = {
        name: lambda old: old.replace(
            b"&#20135;&#19994;&#37329;&#34701;&#31185;|tasks", b"&#32508;|tasks"
        ).replace("产业金融科|tasks".encode(), "综合科|tasks".encode())
        for name in (STRINGS, CORE)
    }
    return changed(parts)


def macros() -> bytes:
    """Carry a macro, and ask to run it on opening."""
    return changed(
        {
            TYPES: put(
                "</Types>",
                '<Default Extension="bin" '
                'ContentType="application/vnd.ms-office.vbaProject"/></Types>',
            ),
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000),
        }
    )


def external_links() -> bytes:
    return changed(
        {
            WORKBOOK: put(
                "<definedNames>",
                "<externalReferences><externalReference "
                f'xmlns:r="{OFFICE_RELATIONS}" r:id="rId80"/></externalReferences>'
                "<definedNames>",
            ),
            RELATIONS: put(
                "</Relationships>",
                f'<Relationship Type="{OFFICE_RELATIONS}/externalLink" '
                'Target="externalLinks/externalLink1.xml" Id="rId80"/>'
                "</Relationships>",
            ),
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": (
                b'<Relationships><Relationship Id="rId1" TargetMode="External" '
                b'Target="http://127.0.0.1:9/evil.xlsx"/></Relationships>'
            ),
        }
    )


_SUMMARY = "ledgerbook;kind=年度汇总;"
_DTD = "file-suspect"
# A list of sheets that cannot be trusted may be called damaged or suspicious.
_LIST = ("file-damaged", "file-suspect")

XMLS: tuple[Attack, ...] = (
    attack("实体炸弹表.xlsx", one(SHEET, _with_entity(_LAUGHS)), _DTD),
    attack("实体炸弹文字.xlsx", one(STRINGS, _with_entity(_LAUGHS)), _DTD),
    attack(
        "实体炸弹工作簿.xlsx",
        one(WORKBOOK, _with_entity(_LAUGHS)),
        *_LIST,
    ),
    attack("实体炸弹关系.xlsx", one(RELATIONS, _with_entity(_LAUGHS)), *_LIST),
    attack("实体炸弹属性.xlsx", one(CORE, _with_entity(_LAUGHS)), ""),
    attack("实体炸弹样式.xlsx", one(STYLES, _with_entity(_LAUGHS)), ""),
    attack("外部实体.xlsx", one(STRINGS, _with_entity(_FILE)), _DTD),
    attack("外部实体表.xlsx", one(SHEET, _with_entity(_FILE)), _DTD),
    attack("外部DTD.xlsx", one(SHEET, _with_entity(_OUTSIDE)), _DTD),
    attack(
        "外部DTD工作簿.xlsx",
        one(WORKBOOK, _with_entity(_OUTSIDE)),
        *_LIST,
    ),
    attack("UTF16的DTD.xlsx", one(STRINGS, utf16_dtd), _DTD),
    attack("嵌套表.xlsx", lambda: nested(SHEET, "worksheet"), "", *_LIST),
    attack("嵌套文字.xlsx", lambda: nested(STRINGS, "sst"), "", *_LIST),
    attack("嵌套工作簿.xlsx", lambda: nested(WORKBOOK, "workbook"), "", *_LIST),
    attack("嵌套属性.xlsx", lambda: nested(CORE, "cp:coreProperties"), "", *_LIST),
    attack("UTF16表.xlsx", one(SHEET, utf16), ""),
    attack("UTF16文字.xlsx", one(STRINGS, utf16), ""),
    attack("严格格式.xlsx", strict, ""),
    attack("没有工作簿.xlsx", one(WORKBOOK, None), "file-unreadable"),
    attack(
        "工作簿没有表.xlsx",
        one(WORKBOOK, lambda _: b"<workbook><sheets/></workbook>"),
        "form-missing",
    ),
    attack("工作簿是乱码.xlsx", one(WORKBOOK, b"\xff\xfe<"), "file-damaged"),
    attack("缺表.xlsx", one(SHEET, None), "file-damaged"),
    attack("缺关系.xlsx", one(RELATIONS, None), "file-damaged"),
    attack("缺文字.xlsx", one(STRINGS, None), "file-damaged"),
    attack("缺类型.xlsx", one(TYPES, None), ""),
    attack("类型不对.xlsx", one(TYPES, b"<Types/>"), ""),
    attack("关系跳出.xlsx", lambda: target("../../../etc/passwd"), "file-damaged"),
    attack("关系自指.xlsx", lambda: target("workbook.xml"), *_LIST, "form-missing"),
    attack(
        "关系指网址.xlsx",
        lambda: target("http://127.0.0.1:9/x.xml", 'TargetMode="External"'),
        "file-damaged",
    ),
    attack(
        "表是图表.xlsx",
        lambda: changed({RELATIONS: put('/worksheet"', '/chartsheet"')}),
        "form-missing",
    ),
    attack("两万张表.xlsx", lambda: many_sheets(20_000), "file-suspect"),
    attack(
        "两张同名表.xlsx",
        lambda: with_sheet(sheet_of(""), name="产业金融科"),
        "file-suspect",
    ),
    attack("一万个名称.xlsx", lambda: many_names(10_000), ""),
    attack("外部链接.xlsx", external_links, ""),
    attack("带宏.xlsm", macros, ""),
    attack("文字表换名.xlsx", hidden_strings, *_LIST),
    attack("关键词控制字符.xlsx", lambda: keywords("&#1;\x02"), ""),
    attack("关键词很长.xlsx", lambda: keywords("识别码：" + "|" * 500_000), ""),
    attack(
        "关键词说是汇总.xlsx",
        lambda: keywords(_SUMMARY),
        "file-own-changed",
    ),
    attack("冒认科室.xlsx", forged_line, "marks-disagree"),
)
