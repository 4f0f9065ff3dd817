"""Values come back from JSON as they were, and nothing comes back but values."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from ledgerbook.faults import ProgramFault
from ledgerbook.intake.archives import ArchiveMember
from ledgerbook.intake.file_content import (
    EntryContent,
    FileContent,
    RegisterId,
    RowContent,
    RowPlaces,
)
from ledgerbook.intake.pipeline import ArchiveRead
from ledgerbook.intake.plain_data import decode, encode
from ledgerbook.model.issued_values import IssuedValues
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, Attachment, AttachmentKind, FileReport, FileStatus

PLACE = Place("\udcff.xlsx", "表", "J7")
ANSWERS: Mapping[str, Answer] = {
    "text": Answer("2022-09-30", "2022-09-30", PLACE),
    "day": Answer(date(2022, 9, 30), "9月30日", PLACE),
    "share": Answer(0.1, "10%", PLACE),
    "count": Answer(3, "3", PLACE),
}
PLACES = RowPlaces("\udcff.xlsx", "表", 6, {"text": 9})
ROW = RowContent("T01", "综合科", "年度", "表", ANSWERS, {"text": PLACE}, {"note": "？"})
REPORT = FileReport(
    "\udcff.xlsx",
    3,
    "ab",
    FileStatus.REJECTED,
    ("综合科",),
    saved_at=datetime(2022, 12, 10, 9, 30),  # noqa: DTZ001  as Excel notes it
    fault=ProgramFault("ValueError", ("a", "b"), "Traceback"),
    received_on=date(2022, 12, 11),
)
CONTENT = FileContent(
    REPORT,
    (ROW,),
    (Problem("file-unreadable", PLACE, {"detail": "甲"}, more_columns=("a",)),),
    4,
    (Attachment(AttachmentKind.PICTURE, PLACE, data=bytes(range(256))),),
    nil_returns=frozenset({("综合科", "年度"), ("财务科", "年度")}),
    entries=(EntryContent("规", "综合科", "年度", "表", 4, ANSWERS, PLACES, {}),),
    registers=frozenset({RegisterId("综合科", "年度", "规")}),
    is_unmodified=True,
    issued=IssuedValues("年度", date(2022, 6, 1), {("综合科", "tasks"): {"T01": {"a": "b"}}}),
)
ARCHIVE = ArchiveRead(REPORT, members=(ArchiveMember("甲.xlsx", 3, 7),))
KIND = tuple[FileContent | ArchiveRead, ...]


def test_every_kind_of_value_comes_back() -> None:
    """Of the same types: an archive is no other file, a text that looks like a day no day."""
    back = decode(KIND, encode((CONTENT, ARCHIVE)))
    assert back == (CONTENT, ARCHIVE)
    assert [type(content) for content in back] == [FileContent, ArchiveRead]
    answers = back[0].rows[0].answers
    assert [type(answer.value) for answer in answers.values()] == [str, date, float, int]
    assert type(back[0].registers) is frozenset


CHANGES: Mapping[str, Any] = {
    "no JSON": b"\x80\x04.",
    "a pickle": pickle.dumps(CONTENT),
    "an unknown class": b'[["Popen","id"]]',
    "no class": b"[[]]",
    "a number": b"[1]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "not UTF-8": b'["\xff"]',
    "too few fields": json.dumps([["ArchiveRead"]]).encode(),
    "too many fields": json.dumps([[*json.loads(encode(CONTENT)), 1]]).encode(),
    "a list as a text": encode((CONTENT,)).replace(b'"T01","', b'["T01"],"', 1),
    "no such status": encode((CONTENT,)).replace(
        json.dumps(FileStatus.REJECTED).encode(), b'"?"', 1
    ),
    "no such day": encode((CONTENT,)).replace(b"2022-12-11", b"2022-12-41", 1),
}


@pytest.mark.parametrize("data", CHANGES.values(), ids=CHANGES)
def test_anything_else_is_refused(data: bytes) -> None:
    """Also what a field must not have; with one kind of error."""
    assert data != encode((CONTENT,))
    with pytest.raises(ValueError):  # noqa: PT011  the type is what the caller relies on
        decode(KIND, data)


def test_a_value_of_an_unknown_class_is_not_sent() -> None:
    with pytest.raises(TypeError):
        encode(json.JSONDecoder())
