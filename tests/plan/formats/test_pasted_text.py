"""Texts as they are pasted from web pages, cell marks lost or shifted."""

from __future__ import annotations

import pytest

from ledgerbook.errors import InputError
from ledgerbook.plan import parse_units
from tests.plan.layouts import read

# One cell a line between bars; numbers under no header; merged titles left out.
BARS = """岭东县信访局2022年政务公开重点任务清单
工作任务
|
具体要求
|
责任科室
|
时限要求
|
集中公开文件
|
1
|
清理规范性文件,并公布目录。
|
办公室
|
年底前
|
做好基础工作
|
2
|
规范信息公开专栏。严防泄密风险。
|
各科室
|
持续推进
|
3
|
编好年度报告,逐项写明落实情况
|
办公室
|
持续推进
|
做好培训
|
4
|
参加培训和研讨。
|
办公室牵头,各科室配合
|
6月底前
|
"""

# A row a line, filled up with a blank where the merged title is left out.
PUSHED = """临港市土地中心2021年政务公开工作要点分工方案
工作任务 | 具体要求 | 责任部门 |
一、做好财政公开。 | 1.公开预算、决算及报表。 | 财务科 |
二、做好网站公开。 | 2.更新网站各类概况信息。 | 办公室 |
3.反馈网民的意见。 | 各科室 | |
4.更新公众号信息。 | 办公室牵头,各科室配合 | |
三、回应关切。 | 5.关注舆情并及时回应。 | 各科室 |
"""

# One cell a line ended by a bar; the title on two lines; offices of a whole town.
TOWN = """南州市贯彻落实国家、省2021年政务公开
工作要点分工方案
工作任务 |
具体要求 |
落实单位 |
明确工作机构 |
1.确定一名负责人履行领导职责。 |
各镇街(园区);具有行政职能的市直各单位 |
建立健全制度 |
2.2021年底前完善本单位相关制度,其中包括审核发布等制度。 |
市委各部门、市直各单位 |
3.12月底前公开各类规划。 |
市发展和改革局、市自然资源局牵头,市有关部门配合 |
公开市场监管信息 |
4.公开行政许可、行政处罚信息。 |
市工业和信息化局会同市商务局等 |
"""

# One cell a line and nothing between; merged titles left out; a note at the end.
BARE = """西海市统计局2023年政务公开重点任务分工表
序号
重点任务
工作内容
责任处室
完成时限
1
主动公开
公开统计数据。
综合处
每月15日前
2
公开预决算
办公室
9月底前
3
政策解读
解读统计制度方法。
宣传处牵头，综合处配合
11月中旬
注：以上任务按季报送。
"""

# No table: brackets after sentences, several in one paragraph.
PROSE = """江北市2018年政务公开工作要点
全市政务公开工作的总体要求是:深入落实部署,加强解读,扩大参与。
一、加强重点工作信息公开
(一)围绕攻坚战做好公开。发布规划信息。(市规划委负责落实)推进治理信息公开。(市发展改革委、市环保局分别负责落实)
(二)围绕营商环境做好公开。公开改革任务清单。(市发展改革委牵头,各区政府落实)
二、加强政策解读
(三)落实解读责任。文件与解读材料同步审签。(各区政府、市政府各部门负责落实)
"""


READ = {
    BARE: [
        ("主动公开", "公开统计数据。", "综合处", "每月15日前"),
        ("主动公开", "公开预决算", "办公室", "9月底前"),
        ("政策解读", "解读统计制度方法。", "宣传处牵头，综合处配合", "11月中旬"),
    ],
    BARS: [
        ("集中公开文件", "清理规范性文件，并公布目录。", "办公室", "年底前"),
        ("做好基础工作", "规范信息公开专栏。严防泄密风险。", "各科室", "持续推进"),
        ("做好基础工作", "编好年度报告，逐项写明落实情况", "办公室", "持续推进"),
        ("做好培训", "参加培训和研讨。", "办公室牵头，各科室配合", "6月底前"),
    ],
    PUSHED: [
        ("一、做好财政公开。", "公开预算、决算及报表。", "财务科", ""),
        ("二、做好网站公开。", "更新网站各类概况信息。", "办公室", ""),
        ("二、做好网站公开。", "反馈网民的意见。", "各科室", ""),
        ("二、做好网站公开。", "更新公众号信息。", "办公室牵头，各科室配合", ""),
        ("三、回应关切。", "关注舆情并及时回应。", "各科室", ""),
    ],
    TOWN: [
        (
            "明确工作机构",
            "确定一名负责人履行领导职责。",
            "各镇街（园区）；具有行政职能的市直各单位",
            "",
        ),
        (
            "建立健全制度",
            "2021年底前完善本单位相关制度，其中包括审核发布等制度。",
            "市委各部门、市直各单位",
            "",
        ),
        (
            "建立健全制度",
            "12月底前公开各类规划。",
            "市发展和改革局、市自然资源局牵头，市有关部门配合",
            "",
        ),
        (
            "公开市场监管信息",
            "公开行政许可、行政处罚信息。",
            "市工业和信息化局会同市商务局等",
            "",
        ),
    ],
    PROSE: [
        (
            "一、加强重点工作信息公开（一）围绕攻坚战做好公开。",
            "发布规划信息。",
            "市规划委负责落实",
            "",
        ),
        (
            "一、加强重点工作信息公开（一）围绕攻坚战做好公开。",
            "推进治理信息公开。",
            "市发展改革委、市环保局分别负责落实",
            "",
        ),
        (
            "一、加强重点工作信息公开（二）围绕营商环境做好公开。",
            "公开改革任务清单。",
            "市发展改革委牵头，各区政府落实",
            "",
        ),
        (
            "二、加强政策解读（三）落实解读责任。",
            "文件与解读材料同步审签。",
            "各区政府、市政府各部门负责落实",
            "",
        ),
    ],
}
CELLS = {BARE: 20, BARS: 23, PUSHED: 16, TOWN: 14, PROSE: 9}
WHO = {
    BARE: ("西海市统计局", 2023),
    BARS: ("岭东县信访局", 2022),
    PUSHED: ("临港市土地中心", 2021),
    TOWN: ("南州市", 2021),
    PROSE: ("江北市", 2018),
}
NAMES = {BARE: "bare", BARS: "bars", PUSHED: "pushed", TOWN: "town", PROSE: "prose"}


@pytest.mark.parametrize("text", READ, ids=NAMES.get)
def test_a_pasted_text(text: str) -> None:
    """Titles, texts, units and limits apart, all counted, the items in order."""
    plan = read(text.encode())
    assert [
        (item.requirement + item.point, item.measure, item.units, item.deadline_text)
        for item in plan.items
    ] == READ[text]
    assert [item.number for item in plan.items] == list(range(1, len(plan.items) + 1))
    assert (plan.agency, plan.year) == WHO[text]
    assert plan.cell_count.is_balanced
    assert plan.cell_count.total == CELLS[text]


@pytest.mark.parametrize("text", READ, ids=NAMES.get)
def test_nothing_is_asked_but_what_is_open(text: str) -> None:
    """What is read whole leaves only limits and numbers that it does not give."""
    asked = [(q.field, q.current_value) for q in read(text.encode()).questions]
    note = [("序号", "注：以上任务按季报送。")] if text == BARE else []
    open_ones = {BARS: [], BARE: note}
    assert asked == open_ones.get(text, asked)
    assert {field for field, _ in asked} <= {"完成期限", "序号"}


@pytest.mark.parametrize("units", ["市委各部门、市直各单位", "区直各部门", "各区政府"])
def test_the_offices_of_a_town_are_not_our_sections(units: str) -> None:
    """Only 各科室 and the like mean all sections of a bureau."""
    parsed = parse_units(units, ["办公室", "财务科"])
    assert parsed.assignments == ()
    assert parsed.vague_names


def test_a_numbered_paragraph_after_the_last_units_is_kept() -> None:
    """It may be a task whose units cannot be read: it is asked about."""
    more = PROSE + "1.公布电话。(由大家一起做)\n请各单位认真落实。\n"
    plan = read(more.encode())
    assert "公布电话" in plan.items[-1].measure
    assert ("T05",) in {q.task_codes for q in plan.questions if q.field == "责任单位"}


def test_traditional_script_is_told() -> None:
    """Its headers are not known; one sentence says what to do."""
    text = "某局工作要點\n重點任務 | 工作內容 | 負責科室\n解讀 | 解讀政策。 | 綜合科"
    with pytest.raises(InputError, match="繁体字"):
        read(text.encode())


def test_prose_is_no_table() -> None:
    """Commas part no cells; what is said of the file is true."""
    text = "通知\n各单位,请注意,会议改期。\n特此通知,谢谢。\n"
    with pytest.raises(InputError, match="一张表也没有"):
        read(text.encode())


def test_what_goes_on_after_the_last_units_is_kept() -> None:
    """In the same paragraph it is of the plan; in one of its own, the letter's end."""
    more = PROSE.rstrip("\n") + "此外每周备份一次。\n请各单位认真落实。\n"
    plan = read(more.encode())
    told = [
        *(one.measure for one in plan.items),
        *(q.current_value for q in plan.questions),
    ]
    assert any("每周备份" in text for text in told)
    assert not any("认真落实" in text for text in told)
