"""Time limits: every way of writing one gives a date, a rhythm, 长期, or none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.deadlines import describe_deadline
from ledgerbook.model import FixedDeadline, NoDeadline, Question
from ledgerbook.plan import PlanItem, ask_about_deadlines
from ledgerbook.plan.deadline_parser import (
    DeadlineDoubt,
    find_deadline_phrases,
    parse_deadline,
    parse_deadline_with_doubts,
)

YEAR = 2022

# Phrase → how it is understood, in the words that the office reads.
UNDERSTOOD = {
    # Those of domain.md, as agencies wrote them.
    "年底前": "2022年12月31日",
    "2022年6月底前": "2022年6月30日",
    "11月底前完成": "2022年11月30日",
    "6月10日前": "2022年6月10日",
    "11月中旬": "2022年11月20日",
    "今年内": "2022年12月31日",
    "2020年年底前": "2020年12月31日",
    "2022年年底前": "2022年12月31日",
    "2022年12月31日前": "2022年12月31日",
    "到2023年": "2023年12月31日",
    "到2023年底": "2023年12月31日",
    "每季度": "每季度，全年 4 次",
    "按月": "每月，全年 12 次",
    "每月10日前": "每月10日前，全年 12 次",
    "每年至少1次": "每年，全年 1 次",
    "每年至少听取1次": "每年，全年 1 次",
    "持续推进": "长期",
    "长期": "长期",
    "长期坚持": "长期",
    "全年": "2022年12月31日",
    # Dates in every dress.
    "6月底": "2022年6月30日",
    "6月": "2022年6月30日",
    "6月份完成": "2022年6月30日",
    "2月底前": "2022年2月28日",
    "2022.6.30前": "2022年6月30日",
    "2022-06-30": "2022年6月30日",
    "2022-06-30 00:00:00": "2022年6月30日",
    "2022/6/30": "2022年6月30日",
    "20220630": "2022年6月30日",
    "2022.6": "2022年6月30日",
    "6.30前": "2022年6月30日",
    "二〇二二年六月底前": "2022年6月30日",
    "二○二二年十二月三十一日前": "2022年12月31日",
    "６月１０日前": "2022年6月10日",
    "6 月\n10 日 之前": "2022年6月10日",
    "（11月底前完成）": "2022年11月30日",
    "完成时限：2022年6月底以前": "2022年6月30日",
    "2022年11月30日17:00前": "2022年11月30日",
    "11月底前完成3项数据迁移": "2022年11月30日",
    "22年6月底前": "2022年6月30日",
    "明年3月底前": "2023年3月31日",
    "次年1月10日前": "2023年1月10日",
    "11月上旬": "2022年11月10日",
    "2月下旬": "2022年2月28日",
    "上半年": "2022年6月30日",
    "2022年下半年": "2022年12月31日",
    "第三季度": "2022年9月30日",
    "三季度末": "2022年9月30日",
    "一季度": "2022年3月31日",
    "前三季度": "2022年9月30日",
    "年底": "2022年12月31日",
    "2022年年内": "2022年12月31日",
    "2022年内": "2022年12月31日",
    "2022年": "2022年12月31日",
    # A span ends on its last day.
    "3月至6月": "2022年6月30日",
    "2022年1-12月": "2022年12月31日",
    "2022年10月至2023年3月": "2023年3月31日",
    "6月15日至20日": "2022年6月20日",
    "3月启动，6月底前完成": "2022年6月30日",
    "即日起至6月底": "2022年6月30日",
    # Rhythms.
    "按季度": "每季度，全年 4 次",
    "每季度末": "每季度，全年 4 次",
    "季度末": "每季度，全年 4 次",
    "每季度首月10日前": "每季度第一个月10日前，全年 4 次",
    "每季度末月20日前": "每季度第三个月20日前，全年 4 次",
    "每季度次月10日前": "每季度结束后次月10日前，全年 4 次",
    "每季度结束后10日内": "每季度结束后次月10日前，全年 4 次",
    "每三个月一次": "每季度，全年 4 次",
    "每季度终了后15日内": "每季度结束后次月15日前，全年 4 次",
    "每月10日内": "每月10日前，全年 12 次",
    "全年（每季度至少1次）": "每季度，全年 4 次",
    "每月底前": "每月，全年 12 次",
    "每两个月": "每两个月，全年 6 次",
    "每半年": "每半年，全年 2 次",
    "每周": "每周，全年 52 次",
    "每周五前": "每周五前，全年 52 次",
    "每年12月底前": "每年12月底前，全年 1 次",
    "每年两次": "每年2次，全年 2 次",
    "一年一次": "每年，全年 1 次",
    "4次/年": "每年4次，全年 4 次",
    "全年不少于4次": "每年4次，全年 4 次",
    "每季度1次，全年不少于4次": "每季度，全年 4 次",
    "每季度一次，12月底前完成": "每季度，全年 4 次",
    "6月起每月10日前": "2022年6月1日起每月10日前，全年 7 次",
    "长期坚持，每季度一次": "每季度，全年 4 次",
    # Without an end.
    "常态化": "长期",
    "每天更新": "长期",
    "全年推进": "长期",
    "7月1日起长期执行": "长期",
    "6月底前完成，持续推进": "2022年6月30日，之后长期",
    # Nothing said.
    "": "未写明",
    "—": "未写明",
    "无": "未写明",
}

# Phrase → why it is no deadline.
DOUBTED = {
    "立即": DeadlineDoubt.UNDATED,
    "即时": DeadlineDoubt.UNDATED,
    "适时": DeadlineDoubt.UNDATED,
    "按上级要求": DeadlineDoubt.UNDATED,
    "定期": DeadlineDoubt.UNDATED,
    "收到申请后20个工作日内": DeadlineDoubt.UNREADABLE,
    "印发后一个月内": DeadlineDoubt.UNREADABLE,
    "10日前": DeadlineDoubt.UNREADABLE,
    "春节前": DeadlineDoubt.UNREADABLE,
    "年初": DeadlineDoubt.UNREADABLE,
    "6月10日起": DeadlineDoubt.UNREADABLE,
    "自2022年1月1日施行": DeadlineDoubt.UNREADABLE,
    "半年内": DeadlineDoubt.UNREADABLE,
    "每半月": DeadlineDoubt.UNREADABLE,
    "每季度10日前": DeadlineDoubt.UNREADABLE,
    "每月最后一个工作日": DeadlineDoubt.UNREADABLE,
    "见附件": DeadlineDoubt.UNREADABLE,
    "国发〔2022〕6号": DeadlineDoubt.UNREADABLE,
    "6月前": DeadlineDoubt.AMBIGUOUS,
    "三季度前": DeadlineDoubt.AMBIGUOUS,
    "2023年前": DeadlineDoubt.AMBIGUOUS,
    "6月底左右": DeadlineDoubt.AMBIGUOUS,
    "6月初": DeadlineDoubt.AMBIGUOUS,
    "每月初": DeadlineDoubt.AMBIGUOUS,
    "2月30日": DeadlineDoubt.IMPOSSIBLE,
    "2022年2月29日前": DeadlineDoubt.IMPOSSIBLE,
    "13月": DeadlineDoubt.IMPOSSIBLE,
    "每月32日前": DeadlineDoubt.IMPOSSIBLE,
    "3月底前、9月底前": DeadlineDoubt.SEVERAL,
    "3月底前启动，6月底前完成": DeadlineDoubt.SEVERAL,
    "每年6月底前、12月底前": DeadlineDoubt.SEVERAL,
    "6月底前建成，每月更新": DeadlineDoubt.SEVERAL,
    "第一、三季度": DeadlineDoubt.SEVERAL,
    "3、6、9、12月底前": DeadlineDoubt.SEVERAL,
    "每周一、三、五": DeadlineDoubt.SEVERAL,
    "上、下半年各一次": DeadlineDoubt.SEVERAL,
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_a_limit_says(text: str) -> None:
    """Each phrase gives its deadline, and no other."""
    assert describe_deadline(parse_deadline(text, YEAR), YEAR) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", DOUBTED)
def test_what_cannot_be_told_is_no_deadline(text: str) -> None:
    """Words without a certain date give none, and say why."""
    limit = parse_deadline_with_doubts(text, YEAR)
    assert (limit.deadline, limit.doubt) == (NoDeadline(), DOUBTED[text])


def test_a_year_that_is_over_is_kept_and_doubted() -> None:
    """A date before the plan's own year is what is written, and likely a slip."""
    limit = parse_deadline_with_doubts("2021年底前", YEAR)
    assert limit.deadline == FixedDeadline(date(2021, 12, 31))
    assert limit.doubt is DeadlineDoubt.PAST


_DATES = [
    "2022年",
    "2023年",
    "6月",
    "13月",
    "2月",
    "10日",
    "30日",
    "31日",
    "中旬",
    "年底",
]
_RHYTHMS = [
    "每",
    "按",
    "季度",
    "月",
    "年",
    "半年",
    "周",
    "五",
    "次",
    "第",
    "三",
    "全年",
]
_WORDS = [
    "底",
    "前",
    "之前",
    "内",
    "后",
    "起",
    "至",
    "完成",
    "长期",
    "持续推进",
    "立即",
    "左右",
]
_LOOSE = [
    "1",
    "12",
    "〇",
    "二",
    "十",
    "上",
    "今",
    "明",
    "个工作日",
    "-",
    "、",
    "，",
    ".",
    "/",
]
_PIECES = _DATES + _RHYTHMS + _WORDS + _LOOSE
pieces = st.lists(st.sampled_from(_PIECES), max_size=9).map("".join)
noise = st.text(max_size=40)


@given(text=pieces | noise, year=st.integers(2000, 2100))
def test_a_date_is_never_made_up(text: str, year: int) -> None:
    """Whatever the text: no error, and no date whose parts it does not name."""
    deadline = parse_deadline(text, year)
    if not isinstance(deadline, FixedDeadline):
        return
    day = deadline.day
    assert day.year in {year, *_named_years(text, year)}
    words = unicodedata.normalize("NFKC", text)
    assert str(day.month) in _numbers(words) or re.search("[年季度上下全Qq]", words)
    last = (date.fromordinal(day.toordinal() + 1)).day == 1
    assert last or str(day.day) in _numbers(words) or "旬" in words


def _named_years(text: str, year: int) -> Iterator[int]:
    words = unicodedata.normalize("NFKC", text)
    yield from (int(number) for number in _numbers(words) if len(number) == 4)
    yield from (year // 100 * 100 + int(n) for n in _numbers(words) if len(n) == 2)
    yield from (year + 1 for word in ("明", "次年", "翌", "下") if word in words)
    yield from (year - 1 for word in ("去年", "上年") if word in words)


def _numbers(words: str) -> set[str]:
    """Return every run of figures, also those inside longer ones or in Chinese."""
    figures = words.translate({ord(c): str(n) for n, c in enumerate("〇一二三四五六七八九")})
    tens = re.sub(
        "([1-9]?)十([1-9]?)",
        lambda m: str(10 * int(m[1] or 1) + int(m[2] or 0)),
        figures,
    )
    joined = re.sub(r"\s", "", tens)
    spans = {joined[a:b] for a in range(len(joined)) for b in range(a + 1, a + 5)}
    return {n for s in spans if s.isdecimal() for n in (s, str(int(s)))}


@given(text=pieces, gap=st.sampled_from([" ", "\n", "\u3000", "\t"]))
def test_spaces_and_widths_change_nothing(text: str, gap: str) -> None:
    """Full-width figures and a space or line break anywhere read the same."""
    wide = text.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert parse_deadline(gap.join(wide), YEAR) == parse_deadline(text, YEAR)


def item(number: int, limit: str = "", measure: str = "做好。") -> PlanItem:
    return PlanItem(number, "", "", measure, "综合科", limit)


def test_doubts_are_asked_once_for_all_tasks_of_a_limit() -> None:
    """待确认 quotes the limit, says what was made of it, and what to do."""
    items = [item(1, "适时"), item(2, "年底前"), item(3, "适时"), item(4, "3月至6月")]
    hurry, span = ask_about_deadlines(items, YEAR)
    assert hurry.task_codes == ("T01", "T03")
    assert (hurry.field, hurry.current_value) == ("时限", "适时")
    assert hurry.reason == "时限“适时”没有给出日期，没有定完成期限。"
    assert span.task_codes == ("T04",)
    assert span.reason == "时限写的是一段时间，已按结束的一天（2022年6月30日）算。"


def test_several_dates_are_named() -> None:
    """The office sees which dates stand in one limit."""
    (question,) = ask_about_deadlines([item(1, "3月底前、9月底前")], YEAR)
    assert "（“3月底”“9月底”）" in question.reason


def test_a_limit_in_the_text_is_asked_about_and_not_taken() -> None:
    """每年至少听取1次 in a task's text is put to the office, word for word."""
    text = "局主要负责同志每年至少听取1次政务公开工作汇报，2022年印发的文件照常公开。"
    (question,) = ask_about_deadlines([item(22, measure=text)], YEAR)
    assert question == Question(
        task_codes=("T22",),
        field="时限",
        current_value="每年至少听取1次",
        reason="方案没有给时限，但“计划措施”里写到“每年至少听取1次”，"
        "是不是整项任务的时限，系统没有替您决定。",
        advice="是的，请把它抄到“任务”表的“时限”里，或在“完成期限”中填写日期；不是的，不用改。",
    )
    assert ask_about_deadlines([item(22, "年底前", text)], YEAR) == ()


def test_mentions() -> None:
    """Only what reads as a limit is pointed out: no year of issue, no date of a law."""
    assert find_deadline_phrases(
        "于11月底前完成，每季度更新；自2019年5月15日起施行的条例。", YEAR
    ) == (
        "11月底前",
        "每季度",
    )
    assert find_deadline_phrases("落实《2022年政务公开工作要点》，长期坚持。", YEAR) == ()
