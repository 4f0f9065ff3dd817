"""Which task of a revised plan is which: by text, one to one, doubts told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.plan import MatchCertainty, TaskIdentity, match_tasks

BUDGET = "公开本部门年度预算，并在政府网站集中展示。"
ACCOUNTS = "公开本部门年度决算，并在政府网站集中展示。"
HEARING = "主要负责同志每年至少听取1次政务公开工作汇报。"
PLATFORM = "强化政务新媒体矩阵建设，及时准确传递权威声音。"
REPLY = "认真做好省长留言、人民网留言的答复工作。"

# What the book has, what the plan says, and (old, new, sure?), then doubts.
Case = tuple[list[str], list[str], list[tuple[int, int, bool]], list[tuple[int, int, str]]]
CASES: dict[str, Case] = {
    "the same": ([BUDGET, REPLY], [BUDGET, REPLY], [(0, 0, True), (1, 1, True)], []),
    "another order": (
        [BUDGET, REPLY, HEARING],
        [HEARING, BUDGET, REPLY],
        [(2, 0, True), (0, 1, True), (1, 2, True)],
        [],
    ),
    "alike ones that change places": (
        [BUDGET, ACCOUNTS],
        [ACCOUNTS, BUDGET],
        [(1, 0, True), (0, 1, True)],
        [],
    ),
    "typed anew": (
        ["1.公开预算 ，公开决算，并集中展示。"],
        ["（一）公开预算\x2c公开决算\x2c并集中展示"],
        [(0, 0, True)],
        [],
    ),
    "reworded a little": (
        [PLATFORM, REPLY],
        [REPLY, PLATFORM.replace("强化", "持续强化")],
        [(1, 0, True), (0, 1, True)],
        [],
    ),
    "reworded much": (
        ["围绕中心工作，主动回应社会关切和群众诉求。"],
        ["聚焦中心工作，及时回应社会关注和群众诉求。"],
        [(0, 0, False)],
        [],
    ),
    "one character makes another task": (
        ["公开预算。"],
        ["公开决算。"],
        [(0, 0, False)],
        [],
    ),
    "too little alike": (
        ["做好政务公开平台建设管理。"],
        ["加强政务公开平台的规范化建设和管理，确保安全运行。"],
        [],
        [(0, 0, "POSSIBLE")],
    ),
    "another task": ([HEARING], [PLATFORM], [], []),
    "added": ([BUDGET], [REPLY, BUDGET], [(0, 1, True)], []),
    "deleted": ([BUDGET, REPLY], [REPLY], [(1, 0, True)], []),
    "split in two": (
        [f"{BUDGET}{REPLY}"],
        [BUDGET, REPLY],
        [(0, 0, False)],
        [(0, 1, "SPLIT")],
    ),
    "two made one": (
        [BUDGET, REPLY],
        [f"{BUDGET}{REPLY}"],
        [(0, 0, False)],
        [(1, 0, "MERGED")],
    ),
    "one of two equal ones gone": ([REPLY, REPLY], [REPLY], [(0, 0, False)], []),
    "two equal ones": ([REPLY, REPLY], [REPLY] * 2, [(0, 0, True), (1, 1, True)], []),
    "one reworded, one alike added": (
        [BUDGET],
        [BUDGET.replace("年度", "本年度"), ACCOUNTS.replace("年度", "本年度")],
        [(0, 0, False)],
        [],
    ),
}


def entries(texts: list[str], **more: str) -> list[TaskIdentity]:
    return [TaskIdentity(number, text, **more) for number, text in enumerate(texts, 1)]


@pytest.mark.parametrize("case", CASES)
def test_matches(case: str) -> None:
    """Each change of a plan gives exactly these pairs and these doubts."""
    old, new, pairs, doubts = CASES[case]
    found = match_tasks(entries(old), entries(new))
    assert [(p.old, p.new, p.certainty is MatchCertainty.SAME) for p in found.matches] == pairs
    assert [(s.old, s.new, s.reason.name) for s in found.possible_matches] == doubts


MONITOR = "做好政府网站和政务新媒体的日常监测和安全防护工作。"


def test_a_wider_view() -> None:
    """The most alike are given up where two pairs, both sure, can be made instead."""
    usual = MONITOR.replace("日常", "平时")
    other = usual.replace("做好", "落实").replace("工作", "任务")
    backup = MONITOR.replace("安全防护", "数据备份")
    found = match_tasks(entries([MONITOR, other]), entries([usual, backup]))
    assert [(p.old, p.new) for p in found.matches] == [(1, 0), (0, 1)]


def test_a_sure_pair_is_not_given_up_for_two_doubtful_ones() -> None:
    """More pairs are not better: what is surely the same stays the same."""
    old = [
        "做好政府网站日常监测和安全防护工作。",
        "做好政府网站平时监测与数据备份工作。",
    ]
    new = [
        "做好政府网站平时监测和安全防护工作。",
        "落实新媒体账号日常监测和安全防护工作。",
    ]
    found = match_tasks(entries(old), entries(new))
    assert [(p.old, p.new) for p in found.matches] == [(0, 0)]


def test_equal_titles_are_told_apart_by_their_sections() -> None:
    """Where texts are equal, units decide, whatever the order."""
    old = [
        TaskIdentity(1, REPLY, units="财务科"),
        TaskIdentity(2, REPLY, units="法规科"),
    ]
    new = [
        TaskIdentity(1, REPLY, units="法规科"),
        TaskIdentity(2, REPLY, units="财务科"),
    ]
    assert [(p.old, p.new) for p in match_tasks(old, new).matches] == [(1, 0), (0, 1)]


def test_a_text_of_an_earlier_plan_is_known_again() -> None:
    """Who had the very words before has them again, however alike another's are."""
    old = [
        TaskIdentity(1, f"{BUDGET}并每月更新", earlier_texts=(BUDGET,)),
        TaskIdentity(2, ACCOUNTS),
    ]
    assert [(p.old, p.new) for p in match_tasks(old, entries([BUDGET])).matches] == [(0, 0)]


def test_a_retired_task_comes_back_by_its_very_words() -> None:
    """A live task goes first; a retired one needs its own text."""
    gone = TaskIdentity(1, REPLY, retired=True)
    again = match_tasks([gone], entries([REPLY]))
    assert [(p.old, p.new) for p in again.matches] == [(0, 0)]
    live = match_tasks([gone, TaskIdentity(2, REPLY)], entries([REPLY]))
    assert [(p.old, p.new, p.certainty) for p in live.matches] == [(1, 0, MatchCertainty.SAME)]
    alike = match_tasks([gone], entries([f"{REPLY}并回访"]))
    assert alike.matches == ()
    assert [s.reason.name for s in alike.possible_matches] == ["POSSIBLE"]


def test_the_office_has_the_last_word() -> None:
    """What is said to be the same is, and what is said to be new is not matched."""
    found = match_tasks(entries([BUDGET, REPLY]), entries([BUDGET, REPLY]), fixed={0: 1})
    assert [(p.old, p.new) for p in found.matches] == [(1, 0)]
    found = match_tasks(entries([BUDGET, REPLY]), entries([BUDGET, REPLY]), without_match=[1])
    assert [(p.old, p.new) for p in found.matches] == [(0, 0)]


texts = st.lists(
    st.text(st.sampled_from("公开预算决平台建设管理发布答复"), min_size=4, max_size=30),
    unique=True,
    max_size=7,
)


@given(texts, texts, st.randoms(use_true_random=False))
def test_order_does_not_matter(old: list[str], new: list[str], chance: object) -> None:
    """However the tasks are listed, the same are found to be the same."""
    olds, news = entries(old), entries(new)

    def found(
        one: list[TaskIdentity], other: list[TaskIdentity]
    ) -> set[tuple[TaskIdentity, TaskIdentity]]:
        return {(one[p.old], other[p.new]) for p in match_tasks(one, other).matches}

    before = found(olds, news)
    shuffled = [list(olds), list(news)]
    for entries_ in shuffled:
        chance.shuffle(entries_)  # type: ignore[attr-defined]
    assert found(*shuffled) == before


@given(texts, texts)
def test_each_at_most_once_and_equal_ones_always(old: list[str], new: list[str]) -> None:
    """No task is matched twice, and no equal text is left unmatched."""
    pairs = match_tasks(entries(old), entries(new)).matches
    assert len({p.old for p in pairs}) == len({p.new for p in pairs}) == len(pairs)
    matched = {(old[p.old], new[p.new]) for p in pairs}
    assert {(text, text) for text in set(old) & set(new)} <= matched


MANY = 320


def test_many_reworded_tasks_are_known_again() -> None:
    """Where there are too many to compare all with all, the texts still decide, in any order."""
    fields = [f"{first}{second}" for first in "水电气路桥林田矿" for second in "管审查监测修建改"]
    old = [f"做好{field}领域第{n}号事项的年度检查。" for n, field in enumerate(fields * 5, 1)][
        :MANY
    ]
    new = [text.replace("做好", "持续做好").replace("检查", "核查") for text in reversed(old)]
    found = match_tasks(entries(old), entries(new))
    assert [(p.old, p.new) for p in found.matches] == [(MANY - 1 - n, n) for n in range(MANY)]


def test_many_equal_tasks_are_told_apart_by_their_sections() -> None:
    """Each of many equal texts is matched: by its section first, and none is left over."""
    names = [f"第{n}科" for n in range(MANY)]
    old = [TaskIdentity(n, REPLY, units=name) for n, name in enumerate(names, 1)]
    new = [TaskIdentity(n, REPLY, units=name) for n, name in enumerate(reversed(names), 1)]
    found = match_tasks(old, [*new[:-1], TaskIdentity(MANY, REPLY, units="新设科")])
    assert [(p.old, p.new) for p in found.matches] == [(MANY - 1 - n, n) for n in range(MANY)]
