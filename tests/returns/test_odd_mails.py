"""Mails of which not all can be read: what can is taken, and the rest is told."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from containers import attachment, container, message, outlook
from factory import FINANCE
from returning import answered
from test_mails import SHEET, codes, mail, raw_mail, read, taken

SOUND = ('Content-Disposition: attachment; filename="金融.xlsx"', answered(FINANCE))
SEALED = b"0\x82\x01\x00" + bytes(60)


def sealed(name: str, data: bytes = SEALED, sort: str = "") -> bytes:
    """Return a mail of Outlook's that it has not opened."""
    tree = message(attachment(name, data, kind="multipart/signed"))
    told = sort or "IPM.Note.SMIME"
    return container({**tree, "__substg1.0_001A001F": told.encode("utf-16-le")})


# -- encrypted ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        sealed("smime.p7m"),
        sealed("unnamed"),
        outlook(attachment("a", SEALED, kind="application/pkcs7-mime")),
        outlook(attachment("message.rpmsg", b"\x76\xe8\x04\x60")),
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
def test_an_encrypted_mail_is_told_however_it_is_saved(
    tmp_path: Path, data: bytes
) -> None:
    (one,) = read(tmp_path, "信.eml", data)
    assert [p.code for p in one.problems] == ["file-mail-locked"]
    assert one.problems[0].grave


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
    assert [p.code for p in last.problems] == ["file-damaged"]
