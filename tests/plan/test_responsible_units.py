"""The grammar of 责任单位."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.model import Assignment, Role
from ledgerbook.plan import ParsedUnits, PlanItem, ask_about_units, list_named_sections, parse_units
from ledgerbook.plan.responsible_units import add_role_verb, clean_units_text, is_units_cell

A, B, C = SECTIONS = ("综合科", "金融发展科", "产业金融科")
LEAD, DO, HELP, SUM = Role.LEAD, Role.IMPLEMENT, Role.SUPPORT, Role.COMPILE


def units(
    *held: tuple[str, Role],
    unknown: tuple[str, ...] = (),
    vague: tuple[str, ...] = (),
    role: Role = DO,
    roles: Mapping[str, Role] = MappingProxyType({}),
) -> ParsedUnits:
    """Say what a cell comes to; names without a section have ``role``, or that in ``roles``."""
    open_roles = {name: (roles.get(name, role),) for name in (*unknown, *vague)}
    return ParsedUnits(tuple(Assignment(s, r) for s, r in held), unknown, vague, open_roles)


EVERYBODY = ((A, DO), (B, DO), (C, DO))

READINGS = {
    "综合科": units((A, DO)),
    "综合科。": units((A, DO)),
    "综合科负责": units((A, LEAD)),
    "综合科、金融发展科具体负责": units((A, LEAD), (B, LEAD)),
    "综合科牵头，金融发展科负责": units((A, LEAD), (B, DO)),
    "综合科负责，金融发展科配合": units((A, LEAD), (B, HELP)),
    "综合科负责，金融发展科汇总": units((A, LEAD), (B, SUM)),
    "综合科负责，金融发展科落实": units((A, LEAD), (B, DO)),
    "各科室负责": units(*EVERYBODY),
    "综合科主办，金融发展科协办": units((A, LEAD), (B, HELP)),
    "综合科为主，金融发展科参与": units((A, LEAD), (B, HELP)),
    "以综合科为主，其他科室配合": units((A, LEAD), (B, HELP), (C, HELP)),
    "由综合科牵头": units((A, LEAD)),
    "综合科会同金融发展科": units((A, DO), (B, HELP)),
    "综合科牵头，会同金融发展科、产业金融科": units((A, LEAD), (B, HELP), (C, HELP)),
    "综合科（金融发展科配合）": units((A, DO), (B, HELP)),
    "牵头单位：综合科；配合单位：金融发展科": units((A, LEAD), (B, HELP)),
    "牵头:综合科 配合:金融发展科、产业金融科": units((A, LEAD), (B, HELP), (C, HELP)),
    "责任科室：各科室\n牵头科室：综合科": units((A, LEAD), (A, DO), (B, DO), (C, DO)),
    "责任单位：综合科": units((A, DO)),
    "1.综合科 2.金融发展科": units((A, DO), (B, DO)),
    "各科室（见附件1，下同）": units(*EVERYBODY),
    "综合科（下同）": units((A, DO)),
    "见附件1": ParsedUnits((), (), ("见附件1",), {}),
    "除综合科外各科室": units((B, DO), (C, DO)),
    "除综合科以外的其他科室配合": units((B, HELP), (C, HELP)),
    "除财务科外各科室": units(vague=("除财务科外各科室",)),
    "综合科牵头，其余各科室落实": units((A, LEAD), (B, DO), (C, DO)),
    "各室、中心": units(*EVERYBODY),
    "机关各处室": units(*EVERYBODY),
    "局综合科牵头": units((A, LEAD)),
    "局属各单位": units(vague=("局属各单位",)),
    "综合科，各镇街、各区": units((A, DO), vague=("各镇街", "各区")),
    "分管领导": units(vague=("分管领导",)),
    "同上": units(vague=("同上",)),
    "综合科负责落实": units((A, DO)),
    "综合科负责汇总": units((A, SUM)),
    "综合科统筹": units((A, LEAD)),
    "综合科牵头落实": units((A, LEAD)),
    "综合科、金融发展科分别牵头": units((A, LEAD), (B, LEAD)),
    "综合科会办": units((A, HELP)),
    "综合科协助": units((A, HELP)),
    "金融发展科、 产业金融科": units((B, DO), (C, DO)),
    "产业金融科,金融发展科": units((B, DO), (C, DO)),
    "综合科 金融发展科": units((A, DO), (B, DO)),
    "综合科\n金融发展科\n产业金融科": units(*EVERYBODY),
    "综合科和金融发展科": units((A, DO), (B, DO)),
    "综合科金融发展科": units((A, DO), (B, DO)),
    "金融发展科、产业金融科按职责落实": units((B, DO), (C, DO)),
    "综合科牵头,金融发展科、产业金融科配合": units((A, LEAD), (B, HELP), (C, HELP)),
    "综合科牵头金融发展科配合": units((A, LEAD), (B, HELP)),
    "综合科，各科室配合": units((A, DO), (A, HELP), (B, HELP), (C, HELP)),
    "综合科牵头,并负责汇总": units((A, LEAD), (A, SUM)),
    "各科室": units(*EVERYBODY),
    "各科(室)": units(*EVERYBODY),
    "各处室按职责分工负责": units(*EVERYBODY),
    "各部门": units(*EVERYBODY),
    "各科室按要求 落实,综合科 汇总。": units((A, DO), (A, SUM), (B, DO), (C, DO)),
    "综合科牵头, 各科室按照职 能落实。": units((A, LEAD), (A, DO), (B, DO), (C, DO)),
    "各科 室按职能 落实": units(*EVERYBODY),
    "相关科室": units(vague=("相关科室",)),
    "各责任科室": units(vague=("各责任科室",)),
    "各职能科(室)": units(vague=("各职能科(室)",)),
    "综合科牵头,有关科室配合": units((A, LEAD), vague=("有关科室",), role=HELP),
    "综合科、金融发展科等": units((A, DO), (B, DO), vague=("等",)),
    "其他科室配合": units(vague=("其他科室",), role=HELP),
    "法规科": units(unknown=("法规科",)),
    "综合科牵头,法规科配合": units((A, LEAD), unknown=("法规科",), role=HELP),
    "市财政局综合科": units(unknown=("市财政局综合科",)),
    "统筹协调科牵头": units(unknown=("统筹协调科",), role=LEAD),
    "综合科（牵头）、金融发展科": units((A, LEAD), (B, DO)),
    "金融发展科、综合科(牵头)": units((A, LEAD), (B, DO)),
    "综合科(含档案室)": units(unknown=("综合科(含档案室)",)),
    "管委会办公室": units(unknown=("管委会办公室",)),
    "县委编委会办公室牵头，县委组织部配合": units(
        unknown=("县委编委会办公室", "县委组织部"),
        roles={"县委编委会办公室": LEAD, "县委组织部": HELP},
    ),
    "县委农村工作领导小组办公室、综合科": units((A, DO), unknown=("县委农村工作领导小组办公室",)),
    "市推进政府职能转变和放管服改革协调小组办公室": units(
        unknown=("市推进政府职能转变和放管服改革协调小组办公室",)
    ),
    "市自然资源和规划局和综合科": units((A, DO), unknown=("市自然资源和规划局",)),
    "各县（市、区）人民政府（管委会）、综合科": units(
        (A, DO), vague=("各县(市、区)人民政府(管委会)",)
    ),
    "办公室（综合科）": units(unknown=("办公室(综合科)",)),
    "综合科（李四）、金融发展科（王小明）牵头": units((A, LEAD), (B, LEAD)),
    "国网供电公司\n市税务局": units(unknown=("国网供电公司", "市税务局")),
    "县残联\n各街道": units(unknown=("县残联",), vague=("各街道",)),
    "市委统筹城乡办公室": units(unknown=("市委统筹城乡办公室",)),
    "综合科会办金融发展科落实": units((A, HELP), (B, DO)),
    "": units(),
    "。": units(),
}


@pytest.mark.parametrize(
    ("text", "verb", "wording"),
    [
        ("办公室，人事科", "配合", "办公室、人事科配合"),
        ("办公室；信息中心。", "牵头", "办公室、信息中心牵头"),
        ("办公室，法规科牵头，人事科", "配合", "办公室配合，法规科牵头，人事科配合"),
        ("法规科牵头、人事科", "配合", "法规科牵头、人事科配合"),
        ("法规科、人事科（牵头）", "配合", "法规科、人事科（牵头）配合"),
        ("法规科（牵头）", "配合", "法规科（牵头）"),
        ("发改局会同财政局", "牵头", "发改局牵头，会同财政局"),
        ("各县（市，区）政府", "配合", "各县（市，区）政府配合"),
        ("法规科按职责落实", "配合", "法规科按职责落实"),
        ("法规科", "", "法规科"),
        ("", "牵头", ""),
    ],
)
def test_the_role_of_a_column_is_that_of_each_name(text: str, verb: str, wording: str) -> None:
    """A name with a verb of its own keeps it; nothing in a bracket is split."""
    assert add_role_verb(text, verb) == wording


@given(st.lists(st.sampled_from(SECTIONS), min_size=1, max_size=3), st.data())
def test_the_role_of_a_column_reaches_names_however_they_are_parted(
    names: list[str], data: st.DataObject
) -> None:
    """Commas, semicolons and full stops between names change nothing."""
    text = names[0]
    for name in names[1:]:
        text += data.draw(st.sampled_from(["，", "；", "、", "。", ",", ";"])) + name
    roles = parse_units(add_role_verb(text, "配合"), SECTIONS).assignments
    assert {(one.section, one.role) for one in roles} == {(name, HELP) for name in names}


@pytest.mark.parametrize("text", READINGS)
def test_readings(text: str) -> None:
    """Each wording of 责任单位 means exactly what this table says."""
    assert parse_units(text, SECTIONS) == READINGS[text]


def test_a_section_may_go_by_other_names() -> None:
    """As the office has told the book; never where the name is another section's."""
    read = parse_units("发展科牵头，产业科配合", SECTIONS, {"发展科": B, "产业科": C})
    assert read == units((B, LEAD), (C, HELP))
    assert parse_units("综合科", SECTIONS, {"综合科": B}) == units((A, DO))


def test_order_is_that_of_the_sections_then_of_the_roles() -> None:
    """The order of mention does not matter, and nothing comes twice."""
    text = "产业金融科汇总,综合科配合,产业金融科牵头,综合科配合"
    assert parse_units(text, SECTIONS) == units((A, HELP), (C, LEAD), (C, SUM))


def test_a_section_may_be_called_by_a_verb() -> None:
    """A known section whose name holds a verb is that section."""
    assert parse_units("统筹协调科牵头", ("统筹协调科",)) == units(("统筹协调科", LEAD))


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["各科室", "综合科牵头,金融发展科配合", "综合科"], (A, B)),
        (["统筹协调科牵头,相关科室配合"], ("统筹协调科",)),
        (["政策和法规科与综合科"], ("政策和法规科", A)),
        (["办公室、信息中心\n人事处"], ("办公室", "信息中心", "人事处")),
        (["各单位,有关部门", ""], ()),
        (["牵头单位:综合科"], (A,)),
        (["办公室牵头", "局办公室、法规科"], ("办公室", "法规科")),
        (["管委会办公室会办", "法规科（李四）、人事科"], ("管委会办公室", "法规科", "人事科")),
    ],
)
def test_named_sections(texts: list[str], names: tuple[str, ...]) -> None:
    """Sections come in order of first mention; words for many sections are none."""
    assert list_named_sections(texts) == names


def test_unit_questions() -> None:
    """All that are no sections are one question, each word for several sections another."""
    items = (
        PlanItem(1, "", "", "办事。", "综合科牵头，法规科、有关科室配合"),
        PlanItem(2, "", "", "办事。", "各科室"),
        PlanItem(3, "", "", "办事。", "有关科室、各镇街、法规科"),
    )
    others, several = ask_about_units(items, SECTIONS)
    assert (others.task_codes, others.field) == (("T01", "T03"), "责任单位")
    assert others.current_value == "法规科、各镇街"
    assert others.reason == (
        "“法规科”（第1、3项）“各镇街”（第3项）不在科室名单里，没有分给任何科室。"
    )
    assert "选“不是本机关，不发表”" in others.advice
    assert (several.task_codes, several.current_value) == (("T01", "T03"), "有关科室")
    assert several.reason == "“有关科室”没有说明是哪些科室，没有分给任何科室。"
    assert list(ask_about_units(items, SECTIONS, decided_names=("法规科", "各镇街"))) == [several]


_PHRASES = {
    LEAD: ["牵头", "统筹", "分别牵头", "牵头落实"],
    DO: ["落实", "负责落实", "按职责落实", "按照职能落实", "按职责分工落实"],
    HELP: ["配合", "会办", "协助", "配合落实"],
    SUM: ["汇总", "负责汇总"],
}
_NAMES = ("综合科", "金融发展科", "产业金融科", "办公室", "政策法规处", "统筹协调科")


@st.composite
def _cells(draw: st.DrawFn) -> tuple[str, frozenset[tuple[str, Role]]]:
    """Draw a cell of 责任单位 and who holds which role by it."""
    clauses, held = [], set()
    for _ in range(draw(st.integers(1, 4))):
        role = draw(st.sampled_from(Role))
        who = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3))
        all_of_them = draw(st.booleans())
        joint = draw(st.sampled_from(["、", " ", "、 ", "\n", "和"]))
        verbs = draw(st.sampled_from(_PHRASES[role] + ([""] if role is DO else [])))
        clauses.append(("各科室" if all_of_them else joint.join(who)) + verbs)
        held |= {(name, role) for name in (_NAMES if all_of_them else who)}
    text = draw(st.sampled_from([",", "，", "；", ";", "， "])).join(clauses)
    return text + draw(st.sampled_from(["", "。"])), frozenset(held)


@given(_cells())
def test_what_is_written_is_read(cell: tuple[str, frozenset[tuple[str, Role]]]) -> None:
    """Any roles, in any of these wordings, are read back as they were meant."""
    text, held = cell
    expected = [(name, r) for name in _NAMES for r in Role if (name, r) in held]
    assert parse_units(text, _NAMES) == units(*expected)


@given(st.text(alphabet="综合科金融发展各室相关牵头落实配合汇总按职责等、,;。 \n和()A1"))
def test_any_text_is_read(text: str) -> None:
    """No text breaks the parser, and nobody gets a role whom it does not name."""
    read = parse_units(text, SECTIONS)
    if not any(name in text.replace(" ", "").replace("\n", "") for name in ("各", A, B)):
        assert read.assignments == ()


def test_an_office_called_by_its_whole_name_goes_by_its_short_one() -> None:
    """局办公室 among the sections is who 办公室 means."""
    read = parse_units("办公室牵头", ("局办公室", "法规科"))
    assert read.assignments == (Assignment("局办公室", Role.LEAD),)
    assert parse_units("法规科落实", ("局办公室", "法规科")).assignments == (
        Assignment("法规科", Role.IMPLEMENT),
    )


@pytest.mark.parametrize(("length", "is_one"), [(300, True), (301, False)])
def test_a_cell_of_units_is_no_essay(length: int, is_one: bool) -> None:
    text = "、".join(["综合科"] * 75)
    text = text.ljust(length, "科") if len(text) < length else text[:length]
    assert len(text) == length
    assert is_units_cell(text, ("综合科", text.rpartition("、")[2])) is is_one


@pytest.mark.parametrize(
    ("text", "anybody", "ours"),
    [
        ("救助科", True, True),
        ("救助科、甲科", True, False),
        ("各科室", True, True),
        ("甲科", True, False),
        (f"{'救' * 11}科", True, False),
        (f"{'救' * 12}科", False, False),
        ("科", False, False),
        ("a科", False, False),
        ("救助", False, False),
        ("救助科、甲乙", False, False),
        ("牵头", False, False),
        (" ", False, False),
        ("", False, False),
    ],
)
def test_a_cell_of_units_is_told_by_its_names(text: str, *, anybody: bool, ours: bool) -> None:
    """Of unknown sections any name of the right shape will do, of known ones theirs."""
    assert is_units_cell(text) is anybody
    assert is_units_cell(text, ["救助科"]) is ours


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("综合科 牵头", "综合科牵头"),
        ("综合科\n配合", "综合科配合"),
        ("综合科  人事科", "综合科 人事科"),
        ("综合科　人事科 按职能落实", "综合科 人事科按职能落实"),
    ],
)
def test_a_gap_parts_names_and_nothing_else(text: str, wording: str) -> None:
    assert clean_units_text(text) == wording
