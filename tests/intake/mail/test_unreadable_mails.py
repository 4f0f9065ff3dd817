"""Mails of which not all can be read: what can is taken, and the rest is told."""

from __future__ import annotations

import base64
import binascii
import io
import struct
import zipfile
from pathlib import Path

import pytest
from olefile import OleFileIO

from ledgerbook.intake import file_check
from ledgerbook.intake.mail import message as mail_message
from ledgerbook.intake.mail import msg
from ledgerbook.model.results import FileStatus
from tests.intake.mail.test_message import SHEET, codes, mail, raw_mail, read, taken
from tests.support.books import FINANCE, INDUSTRY
from tests.support.ole_writer import (
    build_container,
    build_msg,
    make_attachment,
    make_embedded_message,
    make_message,
)
from tests.support.returns import answered
from tests.support.workbook_formats import as_xls

SOUND = ('Content-Disposition: attachment; filename="金融.xlsx"', answered(FINANCE))
SEALED = b"0\x82\x01\x00" + bytes(60)


def sealed(name: str, data: bytes = SEALED, sort: str = "") -> bytes:
    """Return a mail of Outlook's that it has not opened."""
    tree = make_message(make_attachment(name, data, kind="multipart/signed"))
    told = sort or "IPM.Note.SMIME"
    return build_container({**tree, "__substg1.0_001A001F": told.encode("utf-16-le")})


# -- encrypted ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        sealed("smime.p7m"),
        sealed("unnamed"),
        build_msg(make_attachment("a", SEALED, kind="application/pkcs7-mime")),
        build_msg(make_attachment("message.rpmsg", b"\x76\xe8\x04\x60")),
        raw_mail(("Content-Disposition: attachment; filename=smime.p7m", SEALED)),
        raw_mail(("Content-Type: application/x-microsoft-rpmsg-message", b"\x76\xe8")),
        raw_mail(("Content-Disposition: attachment; filename=a.xlsx.pgp", b"\x85\2")),
        raw_mail(
            (
                "Content-Disposition: attachment; filename=a.asc",
                b"-----BEGIN PGP MESSAGE-----\r\n",
            )
        ),
    ],
)
def test_an_encrypted_mail_is_told_however_it_is_saved(tmp_path: Path, data: bytes) -> None:
    (one,) = read(tmp_path, "信.eml", data)
    assert [p.code for p in one.problems] == ["file-mail-locked"]
    assert one.problems[0].is_error


def test_what_is_encrypted_costs_nothing_else(tmp_path: Path) -> None:
    data = raw_mail(("Content-Type: application/pkcs7-mime", SEALED), SOUND)
    reads = read(tmp_path, "信.eml", data)
    assert codes(reads)["信.eml/附件1"] == ["file-mail-locked"]
    assert set(taken(reads)) == {FINANCE}


def test_what_is_only_signed_is_read(tmp_path: Path) -> None:
    """Outlook keeps the whole mail, which says what it is, in smime.p7m."""
    inner = mail(("金融.xlsx", answered(FINANCE))).as_bytes()
    sort = "IPM.Note.SMIME.MultipartSigned"
    reads = read(tmp_path, "信.msg", sealed("smime.p7m", inner, sort))
    assert set(taken(reads)) == {FINANCE}


# -- packed against the rules ---------------------------------------------------------


@pytest.mark.parametrize("filled", [0, 1, 2])
def test_a_workbook_need_not_be_filled_up(tmp_path: Path, filled: int) -> None:
    """Some programs leave out what only fills the last group of letters."""
    book = answered(FINANCE)
    book += bytes(-(len(book) + filled) % 3)
    data = raw_mail((SOUND[0], book))
    end = b"\n\r\n--==edge==--"
    assert data.count(b"=" * filled + end) == 1
    reads = read(tmp_path, "信.eml", data.replace(b"=" * filled + end, end))
    assert reads[-1].report.size == len(book)
    assert set(taken(reads)) == {FINANCE}


@pytest.mark.parametrize("cut", range(4))
def test_a_workbook_cut_short_is_not_called_empty(tmp_path: Path, cut: int) -> None:
    """Where it is all that the mail is, no line at its end is missing."""
    head = f"From: a@b\r\nTo: c@d\r\nContent-Type: {SHEET}; name=a.xlsx\r\n"
    head += "Content-Transfer-Encoding: base64\r\n\r\n"
    body = base64.encodebytes(answered(FINANCE))
    data = head.encode() + body[: len(body) // 2 + cut]
    *_, last = read(tmp_path, "信.eml", data)
    assert [p.code for p in last.problems] == ["file-cut"]


# -- linked, and not attached ---------------------------------------------------------

LINKS = [
    "https://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k=0d61",
    "https://wx.mail.qq.com/ftn/download?func=3&key=0d61",
    "https://mail.163.com/large-attachment-download/index.html?p=X",
    "http://gate.example.cn/?to=https%3A%2F%2Fmail.126.com%2Flarge-attachment%2F",
    "https://dashi.163.com/html/cloud-attachment-download/?key=bDFGM",
    "https://pan.baidu.com/s/1abc 提取码 1234",
    "超大附件：金融.xlsx（60 MB，2022年12月31日到期）下载：http://mail.example.cn/s?f=1",
]
ADVERTISED = [
    "超大附件轻松发，下载网易邮箱大师：https://mail.163.com/dashi/dlpro.html",
    "请勿用云附件报送。",
    "来自QQ邮箱 https://mail.qq.com/ 百度网盘 https://pan.baidu.com/",
]
LOGO = (
    "Content-Type: image/png\r\nContent-Disposition: attachment; filename=logo.png",
    b"\x89PNG\r\n\x1a\n",
)


def worded(text: str, kind: str, encoding: str) -> tuple[str, bytes]:
    return f"Content-Type: text/{kind}; charset={encoding}", text.encode(encoding)


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("text", LINKS)
def test_a_file_that_is_only_linked_is_told(tmp_path: Path, text: str, kind: str) -> None:
    """Whatever else is attached is read."""
    words = worded(text, kind, "gb18030")
    reads = read(tmp_path, "信.eml", raw_mail(words, LOGO, SOUND))
    assert codes(reads)["信.eml/超大附件"] == ["file-mail-linked"]
    assert set(taken(reads)) == {FINANCE}
    (alone,) = read(tmp_path, "只有链接.eml", raw_mail(words))
    assert [p.code for p in alone.problems] == ["file-mail-linked"]
    assert alone.problems[0].is_error


@pytest.mark.parametrize("text", LINKS)
def test_outlooks_mails_are_searched_for_links_too(tmp_path: Path, text: str) -> None:
    plain = make_message(make_attachment("logo.png", LOGO[1]))
    plain["__substg1.0_1000001F"] = text.encode("utf-16-le")
    for data in (build_container(plain), build_msg(html=text)):
        reads = read(tmp_path, "信.msg", data)
        assert codes(reads[-1:])[reads[-1].report.name] == ["file-mail-linked"]


@pytest.mark.parametrize("text", ADVERTISED)
def test_what_is_advertised_is_no_link(tmp_path: Path, text: str) -> None:
    data = raw_mail(worded(text, "html", "utf-8"), SOUND)
    assert codes(read(tmp_path, "信.eml", data)) == {
        "信.eml": ["file-mail-read"],
        "信.eml/金融.xlsx": [],
    }


def test_a_page_that_is_attached_and_only_links_is_told(tmp_path: Path) -> None:
    field = 'Content-Type: text/html; name="金融.xlsx.html"'
    page = f'<html><a href="{LINKS[2]}">下载</a></html>'.encode()
    (one,) = read(tmp_path, "信.eml", raw_mail((field, page)))
    assert [p.code for p in one.problems] == ["file-mail-linked"]


# -- nothing in it that could be a form -----------------------------------------------


def test_a_mail_of_pictures_alone_needs_somebody(tmp_path: Path) -> None:
    """The form may have been photographed; a logo alone is no return either."""
    first, second = read(tmp_path, "信.eml", raw_mail(LOGO))
    assert [p.code for p in first.problems] == ["file-mail-pictures"]
    assert first.problems[0].is_error
    assert [p.code for p in second.problems] == ["file-other-type"]


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in names:
            target.writestr(name, "application/vnd.oasis.opendocument.text")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        zipped("[Content_Types].xml", "word/document.xml"),
        zipped("mimetype", "content.xml"),
    ],
)
def test_a_mail_without_any_table_says_so(tmp_path: Path, data: bytes) -> None:
    letter = raw_mail(LOGO, ("Content-Disposition: attachment; filename=a", data))
    first, *_ = read(tmp_path, "信.eml", letter)
    assert [p.message for p in first.problems] == [
        "邮件带有 2 个附件，但是没有一个是表格；邮件正文没有读取。"
    ]
    assert not first.problems[0].is_error
    assert first.report.status is FileStatus.SKIPPED


def test_a_workbook_that_is_called_a_picture_is_none(tmp_path: Path) -> None:
    page = ("Content-Type: text/html", b'<img src="cid:a">')
    field = 'Content-Type: image/png; name="a.png"\r\nContent-ID: <a>'
    reads = read(tmp_path, "信.eml", raw_mail(page, (field, answered(FINANCE))))
    assert codes(reads)["信.eml"] == ["file-mail-read"]
    assert set(taken(reads)) == {FINANCE}


# -- a mail within that cannot be read ------------------------------------------------


def around(inner: bytes, edge: str = "outer") -> bytes:
    """Return a mail of a sound workbook and of another mail, as its bytes are."""
    fields, book = SOUND
    head = f"From: a@b\r\nTo: c@d\r\nContent-Type: multipart/mixed; boundary={edge}"
    file = f"{fields}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    file += base64.encodebytes(book).decode()
    within = f"--{edge}\r\nContent-Type: message/rfc822\r\n\r\n"
    start = f"{head}\r\n\r\n--{edge}\r\n{file}\r\n{within}"
    return start.encode() + inner + f"\r\n--{edge}--\r\n".encode()


def chain() -> bytes:
    data = raw_mail(SOUND)
    for number in range(3):
        data = around(data, f"edge{number}")
    return data


ENCRYPTED = (
    b"From: a@b\r\nTo: c@d\r\nContent-Type: application/pkcs7-mime\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
)


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (chain(), "file-mail-deep"),
        (ENCRYPTED, "file-mail-locked"),
        (raw_mail(SOUND)[:-30], "file-mail-damaged"),
    ],
)
def test_a_mail_within_that_cannot_be_read_costs_nothing_else(
    tmp_path: Path, inner: bytes, code: str
) -> None:
    reads = read(tmp_path, "信.eml", around(inner))
    assert set(taken(reads)) == {FINANCE}
    assert reads[1].report.name == "信.eml/金融.xlsx"
    (problem,) = reads[-1].problems
    assert problem.code == code
    # Advice about archives to unpack would lead nowhere.
    assert "压缩包" not in problem.advice
    assert "邮件程序中打开" in problem.advice


def test_the_same_holds_for_outlooks_mails(tmp_path: Path) -> None:
    facts = "__properties_version1.0"
    short = {**make_message(), facts: bytes(20) + (2).to_bytes(4, "little") + bytes(8)}
    deep = make_message(make_attachment("深.xlsx", answered(FINANCE)))
    for _ in range(3):
        deep = make_message(make_embedded_message(deep))
    for inner, code in ((short, "file-mail-damaged"), (deep, "file-mail-deep")):
        data = build_msg(
            make_attachment("金融.xlsx", answered(FINANCE)), make_embedded_message(inner)
        )
        reads = read(tmp_path, "信.msg", data)
        assert set(taken(reads)) == {FINANCE}
        assert [p.code for p in reads[-1].problems] == [code]


# -- attachments of Outlook's that hold no data ---------------------------------------


def bare(name: str, method: int, **held: object) -> dict[str, object]:
    """Return an attachment of this method, without data of its own."""
    made = {**make_attachment(name, b""), **held}
    del made["__substg1.0_37010102"]
    facts = struct.pack("<IIII", 0x37050003, 6, method, 0)
    return {**made, "__properties_version1.0": bytes(8) + facts}


def objected(**streams: bytes) -> dict[str, object]:
    """Return an object that is embedded in the text."""
    return bare("工作表", 6, **{"__substg1.0_3701000D": streams})


@pytest.mark.parametrize("method", [2, 4, 7])
def test_outlooks_links_are_told_as_such(tmp_path: Path, method: int) -> None:
    data = build_msg(bare("金融.xlsx", method), make_attachment(*named(SOUND)))
    reads = read(tmp_path, "信.msg", data)
    assert codes(reads)["信.msg/金融.xlsx"] == ["file-mail-linked"]
    assert set(taken(reads)) == {FINANCE}


def named(part: tuple[str, bytes]) -> tuple[str, bytes]:
    return "附.xlsx", part[1]


def test_a_path_alone_is_a_link(tmp_path: Path) -> None:
    path = "C:\\报送\\金融.xlsx".encode("utf-16-le")
    data = build_msg(bare("金融.xlsx", 0, **{"__substg1.0_3708001F": path}))
    assert codes(read(tmp_path, "信.msg", data)) == {"信.msg": ["file-mail-linked"]}
    empty = build_msg(make_attachment("金融.xlsx", b""))
    assert codes(read(tmp_path, "空.msg", empty))["空.msg/金融.xlsx"] == ["file-empty"]


def test_a_link_of_the_standard_is_one(tmp_path: Path) -> None:
    kind = 'message/external-body; access-type=URL; URL="http://a.cn/金融.xlsx"'
    data = raw_mail((f"Content-Type: {kind}", b""), SOUND)
    reads = read(tmp_path, "信.eml", data.replace(b"encoding: base64", b"encoding: x"))
    assert codes(reads)["信.eml/附件1"] == ["file-mail-linked"]
    assert set(taken(reads)) == {FINANCE}


@pytest.mark.parametrize("stream", ["Package", "CONTENTS"])
def test_a_workbook_embedded_in_the_text_is_read(tmp_path: Path, stream: str) -> None:
    data = build_msg(objected(**{stream: answered(FINANCE)}))
    assert set(taken(read(tmp_path, "信.msg", data))) == {FINANCE}


def test_an_old_workbook_embedded_in_the_text_is_read(tmp_path: Path) -> None:
    """It has no container of its own there; its keywords come along."""
    book = as_xls(answered(FINANCE))
    with OleFileIO(io.BytesIO(book)) as ole:
        streams = {one[0]: ole.openstream(one).read() for one in ole.listdir()}
    loose = read(tmp_path, "散.xls", book)
    reads = read(tmp_path, "信.msg", build_msg(objected(**streams, empty=b"")))
    assert taken(reads) == taken(loose)
    assert reads[-1].report.saved_at == loose[0].report.saved_at


def test_many_old_workbooks_embedded_in_the_text_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is passed on in the whole container: together they stay within a limit."""
    with OleFileIO(io.BytesIO(as_xls(answered(FINANCE)))) as ole:
        streams = {one[0]: ole.openstream(one).read() for one in ole.listdir()}
    data = build_msg(objected(**streams), objected(**streams))
    monkeypatch.setattr(msg, "_MAX_TOTAL_BYTES", 2 * len(data) - 1)
    assert codes(read(tmp_path, "信.msg", data)) == {"信.msg": ["file-suspect"]}


def test_any_other_object_in_the_text_is_told(tmp_path: Path) -> None:
    data = build_msg(objected(CONTENTS=b"BM"), make_attachment(*named(SOUND)))
    reads = read(tmp_path, "信.msg", data)
    assert codes(reads)["信.msg/工作表"] == ["file-mail-embedded"]
    assert set(taken(reads)) == {FINANCE}


# -- text that only looks damaged -----------------------------------------------------


def bodied(fields: str, body: bytes) -> bytes:
    """Return a mail of a text, as its bytes are, and a workbook."""
    marked = ("Content-Type: text/plain; charset=utf-8", b"MARK")
    data = raw_mail(marked, SOUND).replace(base64.encodebytes(b"MARK"), body, 1)
    given = b"Content-Transfer-Encoding: base64\r\n\r\n"
    return data.replace(given, fields.encode() + b"\r\n\r\n", 1)


BASE64, EIGHT = "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: 8bit"
PACKED = base64.encodebytes("请查收附件。".encode() * 20)
FOOTER = "\r\n____\r\n本邮件已通过病毒扫描 scanned ok\r\n-- \r\nlist: http://x.cn/\r\n"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (BASE64, PACKED + FOOTER.encode()),
        (BASE64, base64.encodebytes(b"ok") + FOOTER.encode("gb18030")),
        (EIGHT, "转发：\r\nContent-Type: text/plain\r\n好\r\n".encode()),
        (EIGHT, "-----原始邮件-----\r\nContent-Type: text/html\r\n好\r\n".encode()),
    ],
)
def test_a_footer_or_a_quotation_is_no_damage(tmp_path: Path, fields: str, body: bytes) -> None:
    reads = read(tmp_path, "信.eml", bodied(fields, body))
    assert codes(reads) == {"信.eml": ["file-mail-read"], "信.eml/金融.xlsx": []}


LINES = base64.encodebytes(answered(INDUSTRY))
FIELDS = b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (BASE64, PACKED + b"\r\n--=edge==\r\n" + FIELDS + b"\r\n\r\n" + LINES),
        (BASE64, PACKED + b"\r\n" + FIELDS + b"; filename=a.xlsx\r\n\r\nUEsD"),
        (BASE64, PACKED + b"\r\n__\r\n\r\n" + LINES),
        (BASE64, PACKED + LINES),
        (EIGHT, b"see\r\n\r\n" + FIELDS + b"\r\n\r\n" + LINES),
        (EIGHT, b"see\r\n--edge\r\nX-Id: 1\r\n" + FIELDS + b"\r\n\r\nUEsD"),
        (EIGHT, b"see\r\n\r\n" + LINES),
    ],
)
def test_a_part_that_ran_into_the_text_is_told(tmp_path: Path, fields: str, body: bytes) -> None:
    (one,) = read(tmp_path, "信.eml", bodied(fields, body))
    assert [p.code for p in one.problems] == ["file-mail-damaged"]


@pytest.mark.parametrize("name", ["; filename=a.zip", ""])
def test_what_a_zip_has_in_it_is_no_damage(tmp_path: Path, name: str) -> None:
    """Whatever stands at the start of a line when it is packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for number in range(120):
            target.writestr(f"{number:04}.txt", bytes(number))
        target.writestr("金融.xlsx", answered(FINANCE))
    data = raw_mail((f"Content-Disposition: attachment{name}", buffer.getvalue()))
    assert data.count(b"\nUEsDB") > 1
    assert set(taken(read(tmp_path, "信.eml", data))) == {FINANCE}


def test_a_mail_that_ran_into_a_workbook_is_told(tmp_path: Path) -> None:
    """The workbook is not even said to be packed, and has a name of its own."""
    data = around(raw_mail((SOUND[0], answered(INDUSTRY))))
    data = data.replace(b"Encoding: base64", b"Encoding: 8bit", 1)
    data = data.replace(b"--outer\r\nContent-Type: message", b"\r\nContent-Type: message")
    (one,) = read(tmp_path, "信.eml", data)
    assert [p.code for p in one.problems] == ["file-mail-damaged"]


# -- written into the text ------------------------------------------------------------


def uuencoded(name: str, data: bytes, blank: bytes = b" ") -> bytes:
    lines = [
        binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n").replace(b" ", blank).rstrip()
        for at in range(0, len(data), 45)
    ]
    head = f"begin 644 {name}".encode("gb18030")
    return b"\r\n".join([b"", head, *lines, b"`", b"end", b""])


@pytest.mark.parametrize("blank", [b" ", b"`"])
def test_a_workbook_written_into_the_text_is_read(tmp_path: Path, blank: bytes) -> None:
    """Alone, beside something attached, and in a mail of Outlook's."""
    text = "您好，见附件\r\n".encode("gb18030")
    text += uuencoded("金融.xlsx", answered(FINANCE), blank)
    bare_mail = b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\n" + text
    saved = make_message()
    saved["__substg1.0_1000001F"] = text.decode("gb18030").encode("utf-16-le")
    beside = raw_mail(("Content-Type: text/plain", text), LOGO)
    for name, data in (
        ("信.eml", bare_mail),
        ("二.eml", beside),
        ("三.msg", build_container(saved)),
    ):
        reads = read(tmp_path, name, data)
        assert set(taken(reads)) == {FINANCE}
        assert reads[-1].report.name == f"{name}/金融.xlsx"


def test_a_workbook_cut_short_in_the_text_is_told(tmp_path: Path) -> None:
    text = uuencoded("金融.xlsx", answered(FINANCE))
    data = b"From: a@b\r\nTo: c@d\r\n\r\n" + text[: len(text) // 2]
    *_, last = read(tmp_path, "信.eml", data)
    assert [p.code for p in last.problems] == ["file-cut"]


def test_a_word_in_the_text_is_no_file(tmp_path: Path) -> None:
    words = ("Content-Type: text/plain", b"begin 644 metres\r\nfrom here\r\nend\r\n")
    reads = read(tmp_path, "信.eml", raw_mail(words, SOUND))
    assert [one.report.name for one in reads] == ["信.eml", "信.eml/金融.xlsx"]


# -- mailboxes, and mails with something around them ----------------------------------


def boxed(*letters: bytes, end: bytes = b"\r\n") -> bytes:
    start = b"From a@b Mon Jan  1 00:00:00 2022" + end
    return end.join(start + one.replace(b"\r\n", end) for one in letters)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", ["收件箱.mbox", "Inbox", "信.eml"])
def test_a_whole_mailbox_is_told(tmp_path: Path, name: str, end: bytes) -> None:
    """To read the first mail only would lose all others in silence."""
    first, second = raw_mail(SOUND), mail().as_bytes()
    (one,) = read(tmp_path, name, boxed(first, second, end=end))
    assert [p.message for p in one.problems] == [
        "这是整个邮箱（或邮件文件夹），里面有许多邮件，没有读取。"
    ]
    assert one.problems[0].is_error
    assert set(taken(read(tmp_path, name, boxed(first, end=end)))) == {FINANCE}


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("收件箱.mbox", boxed(mail().as_bytes(), mail().as_bytes())),
        ("Outlook.pst", b"!BDN\0\0\0\0"),
    ],
)
def test_a_large_mailbox_is_no_form_that_is_too_large(
    tmp_path: Path, name: str, start: bytes
) -> None:
    (one,) = read(tmp_path, name, start + b"\r\n" * (file_check.MAX_FILE_SIZE // 2 + 1))
    assert [p.code for p in one.problems] == ["file-mail-mailbox"]


def test_a_word_at_the_start_of_a_line_makes_no_mailbox(tmp_path: Path) -> None:
    body = b"\r\n\r\nFrom here on\r\nRe: nothing\r\n"
    data = boxed(bodied(EIGHT, body))
    assert set(taken(read(tmp_path, "信.eml", data))) == {FINANCE}


@pytest.mark.parametrize("end", [b"", b'<?xml version="1.0"?>\n<plist/>\n'])
@pytest.mark.parametrize("name", ["1.emlx", "信.eml"])
def test_apples_mails_are_read(tmp_path: Path, name: str, end: bytes) -> None:
    """They say first how long they are, which may be wrong, and have a list after."""
    alone = raw_mail(SOUND)
    field = f"From: a@b\r\nTo: c@d\r\n{SOUND[0]}\r\n{BASE64}\r\n\r\n"
    sole = field.encode() + base64.encodebytes(SOUND[1])
    for letter in (alone, sole):
        data = str(len(letter) - 900).encode() + b"\n" + letter + end
        reads = read(tmp_path, name, data)
        assert set(taken(reads)) == {FINANCE}
        assert reads[-1].report.size == len(SOUND[1])


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.95])
def test_outlooks_mail_that_is_cut_short_is_told(tmp_path: Path, kept: float) -> None:
    data = build_msg(make_attachment("金融.xlsx", answered(FINANCE)))
    (one,) = read(tmp_path, "信.msg", data[: int(len(data) * kept)])
    assert [p.message for p in one.problems] == [
        "邮件已损坏，没有读取附件（邮件不完整，后面的内容缺了）。"
    ]


def test_a_container_that_is_called_a_mail_and_is_none_is_told(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "信.msg", build_container({"WordDocument": b"1"}))
    assert [p.message for p in one.problems] == ["邮件已损坏，没有读取附件（里面的内容不是邮件）。"]


# -- very many attachments ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["eml", "zip"])
def test_a_mail_is_opened_once_for_all_that_is_attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Read anew for each of hundreds, a large mail would take minutes."""
    opened = []

    def counted(data: bytes) -> bool:
        opened.append(len(data))
        return is_mail(data)

    is_mail = mail_message.is_mail
    monkeypatch.setattr(mail_message, "is_mail", counted)
    field = "Content-Disposition: attachment; filename=a.txt"
    data = letter = raw_mail(*[(field, b"x")] * 50)
    if kind == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            target.writestr("信.eml", letter)
        data = buffer.getvalue()
    read(tmp_path, f"信.{kind}", data)
    assert opened.count(len(letter)) <= 4
