"""The letter of a reminder: everything where one page holds it, and one page in any case."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from docx import Document

from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.reminders.letter import ReminderNote, write_reminder
from ledgerbook.reminders.matters import Matter, MatterGroup, Reminder
from tests.support.books import AS_OF, FINANCE, make_book

KINDS = ("逾期", "15 天内到期", "需要改正", "超过法定期限")


def make_matter(number: int) -> Matter:
    name, time = f"第 {number} 项", "期限 2022年10月31日，已逾期 50 天"
    return Matter(f"{name}“措施{number}”，{time}，目前“推进中”。", name, time)


def make_note(count: int, *, kinds: int = 4, earlier: int = 0) -> ReminderNote:
    book = make_book()
    matters = tuple(map(make_matter, range(1, count + 1)))
    groups = tuple(MatterGroup(kind, "件", matters) for kind in KINDS[:kinds])
    days = tuple(AS_OF - timedelta(days=7 * n) for n in range(earlier, 0, -1))
    reminder = Reminder(FINANCE, "年度", AS_OF, groups, days)
    request = f"请尽快办好，填好随发的“{FINANCE}.xlsx”，保存后把它交回综合科。"
    return ReminderNote(CoverNote(book, book.rounds[0], AS_OF), reminder, request)


def read_paragraphs(note: ReminderNote) -> list[str]:
    return [p.text for p in Document(io.BytesIO(write_reminder(note))).paragraphs]


def test_a_short_letter_spells_everything_out() -> None:
    """Kind by kind, one paragraph each; the mail need not be read."""
    texts = read_paragraphs(make_note(2, kinds=2))
    sentences = "".join(make_matter(number).text for number in (1, 2))
    assert texts[3:-3] == [f"一、逾期 2 件：{sentences}", f"二、15 天内到期 2 件：{sentences}"]
    assert "邮件" not in "".join(texts)


def test_a_longer_letter_says_each_thing_in_fewer_words() -> None:
    """The longest kind first; nothing is left out without a word."""
    texts = read_paragraphs(make_note(4))
    assert all(f"第 {number} 项" in text for text in texts[3:7] for number in range(1, 5))
    assert any("目前" not in text for text in texts[3:7])
    assert texts[-3].endswith("详细情况见邮件。")
    many = read_paragraphs(make_note(60))
    assert many[3:7] == [f"{n}、{kind} 60 件。" for n, kind in zip("一二三四", KINDS, strict=True)]


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        (0, ""),
        (1, "此前已经催办 1 次：2022年12月13日。"),
        (5, "此前已经催办 5 次：最近 3 次是2022年11月29日、2022年12月6日、2022年12月13日。"),
    ],
)
def test_earlier_reminders_are_named(earlier: int, sentence: str) -> None:
    assert date(2022, 12, 13) == AS_OF - timedelta(days=7)
    opening = read_paragraphs(make_note(1, earlier=earlier))[2]
    assert opening.partition("没有办完。")[2] == sentence
