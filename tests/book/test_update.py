"""A revised plan comes to a book: what the office has decided stays, codes too."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.book import (
    BookChanges,
    MatchOverrides,
    TaskChangeKind,
    build_book_bytes,
    create_book,
    read_book,
    update_book,
)
from ledgerbook.book.schema import CodeOrder, format_code_ranges, parse_code_ranges
from ledgerbook.errors import InputError
from ledgerbook.model import AssignmentOverride, Book, Question, Role, Round
from ledgerbook.plan import Plan, PlanItem
from tests.support.books import FINANCE, INDUSTRY, KEY, OFFICE

DAY = date(2022, 7, 1)
TEXTS = (
    "规范行政法规使用，统一参考行政法规库。",
    "摸清规范性文件底数，健全动态更新机制。",
    "公开本部门年度预算，并在政府网站集中展示。",
    "加大纾困帮扶政策的公开力度。",
    "认真做好省长留言、人民网留言的答复工作。",
)
UNITS = (
    "各科室",
    "各科室落实，综合科汇总。",
    FINANCE,
    "金融发展科、产业金融科",
    OFFICE,
)


def item(number: int, measure: str, units: str = "各科室", **more: str) -> PlanItem:
    return PlanItem(number, "一、工作要求", "（一）要点", measure, units, **more)


ITEMS = tuple(item(n, *one) for n, one in enumerate(zip(TEXTS, UNITS, strict=True), 1))


def plan(*items: PlanItem, title: str = "某局2022年分工方案") -> Plan:
    numbered = tuple(dataclasses.replace(i, number=n) for n, i in enumerate(items, 1))
    return Plan(title, "某局", 2022, numbered, ())


def started(*items: PlanItem) -> Book:
    return create_book(plan(*(items or ITEMS)), key=KEY)


def update(
    book: Book, *items: PlanItem, said: MatchOverrides | None = None
) -> tuple[Book, BookChanges]:
    return update_book(book, plan(*items), day=DAY, overrides=said)


def codes(book: Book) -> dict[str, str]:
    return {task.measure: task.code for task in book.tasks}


def fates(changes: BookChanges) -> list[tuple[str, str]]:
    return [(one.task.code, str(one.kind)) for one in changes.tasks]


def with_task(book: Book, number: int, **changes: object) -> Book:
    tasks = list(book.tasks)
    tasks[number - 1] = dataclasses.replace(tasks[number - 1], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(book, tasks=tuple(tasks))


def reasons(book: Book) -> list[str]:
    return [q.reason for q in book.questions if q.reason.startswith("修订：")]


def test_the_same_plan_changes_nothing() -> None:
    """Read again, a plan leaves the book as it is."""
    book = started()
    again, changes = update(book, *ITEMS)
    assert again == book
    assert {one.kind for one in changes.tasks} == {TaskChangeKind.UNCHANGED}


def test_codes_follow_the_texts() -> None:
    """Renumbered, swapped, reworded, added, deleted: each task keeps its own code."""
    a, b, c, _, e = ITEMS
    reworded = dataclasses.replace(c, measure=c.measure.replace("集中", "统一"))
    book, changes = update(started(), e, item(2, "开展政务公开培训。"), b, reworded, a)
    assert [task.code for task in book.tasks] == ["T05", "T06", "T02", "T03", "T01"]
    assert [task.number for task in book.tasks] == [1, 2, 3, 4, 5]
    assert [task.code for task in book.retired_tasks] == ["T04"]
    assert fates(changes) == [
        ("T05", "不变"),
        ("T06", "新增"),
        ("T02", "不变"),
        ("T03", "修改"),
        ("T01", "不变"),
        ("T04", "删除"),
    ]
    assert [(r.code, r.kind, r.field, r.old, r.new) for r in book.revisions] == [
        ("T05", "修改", "序号", "5", "1"),
        ("T06", "新增", "计划措施", "", "开展政务公开培训。"),
        ("T02", "修改", "序号", "2", "3"),
        ("T03", "修改", "序号", "3", "4"),
        ("T03", "修改", "计划措施", TEXTS[2], TEXTS[2].replace("集中", "统一")),
        ("T01", "修改", "序号", "1", "5"),
        ("T04", "删除", "计划措施", TEXTS[3], ""),
    ]


def test_what_the_office_has_said_is_not_asked_again() -> None:
    """A limit typed under 时限 answers for what the text hints at, and for a date."""
    items = (*ITEMS[:4], item(5, "每季度开展一次政务公开培训。"))
    blank = Question(("T04", "T05"), "完成期限", "空白", "没有时限。", "请填写。")
    revised = dataclasses.replace(plan(*items), questions=(blank,))
    book = create_book(revised, key=KEY)
    asked = [(q.field, q.current_value) for q in book.questions if "T05" in q.task_codes]
    assert asked == [("完成期限", "空白"), ("时限", "每季度开展1次")]
    said = with_task(book, 5, deadline_text="每季度")
    again, _ = update_book(said, revised, day=DAY)
    still = {q.field: q.task_codes for q in again.questions if q.task_codes}
    assert still == {"完成期限": ("T04",)}


def test_a_code_is_never_given_twice() -> None:
    """A task added after another was dropped gets neither its code nor any other."""
    book, _ = update(started(), *ITEMS[:4])
    book, _ = update(book, *ITEMS[:4], item(5, "开展政务公开培训。"))
    assert codes(book)["开展政务公开培训。"] == "T06"
    book, _ = update(book, *ITEMS[:4])
    book, _ = update(book, *ITEMS[:4], item(5, "完善公报发布程序。"))
    assert codes(book)["完善公报发布程序。"] == "T07"


def test_a_task_that_comes_back_is_itself_again() -> None:
    """A dropped task named again has its code, its hand-made roles and its date."""
    mine = (AssignmentOverride(OFFICE, (Role.SUPPORT,)),)
    book = with_task(started(), 3, assignment_overrides=mine, due=date(2022, 9, 30))
    without, _ = update(book, *(i for i in ITEMS if i.number != 3))
    assert [(t.code, t.assignment_overrides) for t in without.retired_tasks] == [("T03", mine)]
    again, changes = update(without, *ITEMS)
    assert (again.tasks[2].code, again.tasks[2].assignment_overrides) == ("T03", mine)
    assert again.tasks[2].due == date(2022, 9, 30)
    assert again.retired_tasks == ()
    assert ("T03", "恢复") in fates(changes)


def test_what_was_made_by_hand_stays() -> None:
    """Roles and dates of the office stay where units and limit change; it is asked."""
    mine = (AssignmentOverride(FINANCE, (Role.LEAD,)), AssignmentOverride(OFFICE, ()))
    book = with_task(started(), 4, assignment_overrides=mine, due=date(2022, 9, 30))
    changed = dataclasses.replace(ITEMS[3], units="产业金融科", deadline_text="年底前")
    book, _ = update(book, *ITEMS[:3], changed, ITEMS[4])
    task = book.tasks[3]
    assert (task.assignment_overrides, task.due) == (mine, date(2022, 9, 30))
    assert (task.units, task.deadline_text) == ("产业金融科", "年底前")
    assert task.get_roles(INDUSTRY) == (Role.IMPLEMENT,)
    assert reasons(book) == [
        "修订：责任单位改了（原来是“金融发展科、产业金融科”），"
        "您手工定的分工没有动：金融发展科 牵头；综合科 不承担。",
        "修订：时限改了（原来是“空白”，现在是“年底前”），您填的完成期限没有动。",
    ]


def test_corrections_of_the_office_stay_until_the_plan_changes_there() -> None:
    """A text corrected in the book stays; if the plan changes too, it is asked."""
    book = with_task(started(), 1, measure="规范行政法规使用，参考新的法规库。")
    same, changes = update(book, *ITEMS)
    assert same.tasks[0].measure == "规范行政法规使用，参考新的法规库。"
    assert {one.kind for one in changes.tasks} == {TaskChangeKind.UNCHANGED}
    newer = dataclasses.replace(ITEMS[0], measure="规范行政法规使用，统一参考法规库。")
    both, _ = update(book, newer, *ITEMS[1:])
    assert both.tasks[0].measure == "规范行政法规使用，统一参考法规库。"
    assert [q.current_value for q in both.questions if "您改过" in q.reason] == [
        "规范行政法规使用，参考新的法规库。"
    ]


def test_what_the_office_filled_in_is_not_emptied() -> None:
    """Units and headings that the plan leaves blank stay as the office filled them."""
    blank = dataclasses.replace(ITEMS[4], units="", requirement="")
    book = with_task(started(*ITEMS[:4], blank), 5, units=OFFICE, requirement="三、平台")
    again, _ = update(book, *ITEMS[:4], blank)
    assert (again.tasks[4].units, again.tasks[4].requirement) == (OFFICE, "三、平台")
    old = dataclasses.replace(book, original_wordings=())
    unknown, _ = update(old, *ITEMS[:4], blank)
    assert unknown.tasks[4].units == OFFICE
    assert "修订：新方案的“责任单位”是空白，台账里原有的内容没有动。" in reasons(unknown)


def test_tasks_of_the_office_itself_stay() -> None:
    """A task that no plan ever had goes on, numbered after the plan's."""
    book = started()
    own = dataclasses.replace(book.tasks[0], code="T06", number=6, measure="自己加的。")
    book = dataclasses.replace(book, tasks=(*book.tasks, own))
    book, _ = update(book, *ITEMS[:3])
    assert [(t.code, t.number) for t in book.tasks][-1] == ("T06", 4)
    assert [task.code for task in book.retired_tasks] == ["T04", "T05"]


def test_notes_of_the_office_stay() -> None:
    """What the office wrote under 备注 stays beside the plan's own notes."""
    noted = dataclasses.replace(ITEMS[0], notes="备注：重要")
    book = with_task(started(noted, *ITEMS[1:]), 1, note="备注：重要\n张局长督办")
    newer = dataclasses.replace(noted, notes="备注：特别重要")
    book, _ = update(book, newer, *ITEMS[1:])
    assert book.tasks[0].note == "备注：特别重要\n张局长督办"


def test_new_sections_join() -> None:
    """A section that only the revised plan names is added after those there are."""
    book = dataclasses.replace(started(), rounds=(Round("年度", date(2022, 12, 15)),))
    book, changes = update(book, *ITEMS, item(6, "做好法律审核。", "法规科"))
    assert changes.sections == ("法规科",)
    assert book.section_names == (OFFICE, FINANCE, INDUSTRY, "法规科")
    assert book.tasks[0].get_roles("法规科") == (Role.IMPLEMENT,)
    assert [one.task.code for one in changes.filter_tasks(TaskChangeKind.CHANGED)] == []
    assert book.rounds[0].due == date(2022, 12, 15)
    assert not any(q.field == "报送截止日期" for q in book.questions)


def test_answered_questions_stay_answered() -> None:
    """A decision goes with its question, on to the task's new number."""
    vague = dataclasses.replace(ITEMS[4], units="相关科室")
    book = started(*ITEMS[:4], vague)
    settled = tuple(
        dataclasses.replace(q, decision="综合科") if q.task_codes == ("T05",) else q
        for q in book.questions
    )
    old = Question(("T01",), "工作要点", "旧", "已经没有这个问题。", "无。")
    book = dataclasses.replace(book, questions=(*settled, old))
    book, _ = update(book, vague, *ITEMS[:4])
    decided = [q for q in book.questions if q.decision]
    assert [(q.task_codes, q.decision) for q in decided] == [(("T05",), "综合科")]
    assert old not in book.questions


def test_a_doubtful_match_is_asked_and_can_be_settled() -> None:
    """Two that may be one are kept apart until the office says that they are."""
    other = item(4, "做好对困难企业的帮扶政策公开工作。", UNITS[3])
    items = (*ITEMS[:3], other, ITEMS[4])
    book, _ = update(started(), *items)
    assert [task.code for task in book.retired_tasks] == ["T04"]
    (asked,) = (q for q in book.questions if "可能是同一项" in q.reason)
    assert (asked.task_codes, asked.current_value) == (("T06",), TEXTS[3])
    assert asked.advice.startswith("是同一项的，加上 --same 4=T04 再更新一次")
    settled, _ = update(book, *items, said=MatchOverrides({4: "T04"}))
    assert codes(settled)[other.measure] == "T04"
    assert [task.code for task in settled.retired_tasks] == ["T06"]
    assert reasons(settled) == []


def test_a_match_can_be_undone() -> None:
    """What the office says is new gets a code of its own; the old one is retired."""
    book, _ = update(started(), *ITEMS, said=MatchOverrides({}, (2,)))
    assert codes(book)[TEXTS[1]] == "T06"
    assert [task.code for task in book.retired_tasks] == ["T02"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (MatchOverrides({9: "T01"}), "新方案没有第 9 项"),
        (MatchOverrides({1: "T99"}), "台账里没有编码“T99”"),
        (MatchOverrides({1: "T01"}, (1,)), "第 1 项不能又是原有的、又是新增的"),
        (MatchOverrides({1: "T01", 2: "T01"}), "一个编码只能对应一项任务"),
    ],
)
def test_a_word_that_fits_nothing(said: MatchOverrides, sentence: str) -> None:
    """A number or code that is not there is named."""
    with pytest.raises(InputError, match=sentence):
        update(started(), *ITEMS, said=said)


def test_a_question_of_an_update_stays_until_it_is_answered() -> None:
    """A second update does not forget what the first one asked."""
    items = (*ITEMS[:3], item(4, "做好对困难企业的帮扶政策公开工作。"), ITEMS[4])
    book, _ = update(started(), *items)
    again, _ = update(book, *items, item(6, "开展培训工作。"))
    assert reasons(again) == reasons(book) != []


def test_an_updated_book_round_trips(tmp_path: Path) -> None:
    """已删任务, 修订记录 and the plan's own words come back as they were."""
    mine = (
        AssignmentOverride(OFFICE, (Role.LEAD, Role.SUPPORT)),
        AssignmentOverride(FINANCE, ()),
    )
    book = with_task(started(), 3, assignment_overrides=mine, due=date(2022, 9, 30), note="旧")
    book, _ = update(book, item(1, "=1+1 开展培训。", "法规科"), *ITEMS[3:])
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    assert read_book(path) == book


def test_codes_out_of_order_are_written_one_by_one() -> None:
    """After a revision the reader of 待确认 cannot know what stands between codes."""
    order = ["T02", "T01", "T06", "T03", "T04", "T05"]
    assert format_code_ranges(order, CodeOrder(order)) == "T02、T01、T06、T03至T05"
    assert parse_code_ranges("T02、T01、T06、T03至T05", CodeOrder(order)) == tuple(order)


def test_a_line_added_by_hand_gets_no_old_code(tmp_path: Path) -> None:
    """A new line of the office whose number a dropped task had is not that task."""
    from openpyxl import load_workbook

    book, _ = update(started(), *ITEMS[:4])
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    workbook = load_workbook(path)
    for column, value in ((2, 5), (5, "自己加的任务。"), (6, OFFICE)):
        workbook["任务"].cell(8, column).value = value
    workbook.save(path)
    assert read_book(path).tasks[-1].code == "T05B1"


edits = st.lists(
    st.tuples(st.sampled_from(("drop", "add", "reword", "move", "units")), st.integers(0, 9)),
    max_size=8,
)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(edits, min_size=1, max_size=3))
def test_whatever_is_edited_the_rest_keeps_its_code(
    rounds: list[list[tuple[str, int]]],
) -> None:
    """Through any run of revisions: untouched texts keep codes, and none is reused."""
    book = started()
    items = list(ITEMS)
    ever = {task.code: task.measure for task in book.tasks}
    added = 0
    for steps in rounds:
        touched: set[str] = set()
        for step, at in steps:
            place = at % max(len(items), 1)
            if step == "add":
                added += 1
                items.insert(place, item(1, _STRANGE[added % len(_STRANGE)] * 3))
            elif len(items) > 1 and step == "drop":
                touched.add(items.pop(place).measure)
            elif items and step == "move":
                items.append(items.pop(place))
            elif items and step == "units":
                items[place] = dataclasses.replace(items[place], units=OFFICE)
            elif items and step == "reword":
                touched.add(items[place].measure)
                new = f"{items[place].measure}及时"
                items[place] = dataclasses.replace(items[place], measure=new)
        texts = [i.measure for i in items]
        before = {t.measure: t.code for t in book.tasks if t.measure not in touched}
        twice = {text for text in texts if texts.count(text) > 1}
        book, changes = update(book, *items)
        after = codes(book)
        assert all(
            after[text] == code
            for text, code in before.items()
            if text in after and text not in twice
        )
        now = [task.code for task in (*book.tasks, *book.retired_tasks)]
        assert len(set(now)) == len(now)
        assert set(ever) <= set(now)
        new = {one.task.code for one in changes.filter_tasks(TaskChangeKind.ADDED)}
        assert not new & set(ever)
        ever |= {task.code: task.measure for task in book.tasks}


_STRANGE = ("甲乙丙丁", "春夏秋冬", "东南西北", "金木水火", "琴棋书画", "日月星辰")
