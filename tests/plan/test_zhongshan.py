"""The real 2022 plan, from its scanned text and from the document."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ledgerbook.model import Question, Role
from ledgerbook.plan import (
    Plan,
    ask_about_deadlines,
    ask_about_units,
    format_task_code,
    list_named_sections,
    parse_units,
    read_plan,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "zhongshan-2022"

OFFICE, FINANCE, INDUSTRY = SECTIONS = ("综合科", "金融发展科", "产业金融科")

# What each wording of 责任单位 means; L, I, S, C are 牵头, 落实, 配合, 汇总.
_ROLES = {"L": Role.LEAD, "I": Role.IMPLEMENT, "S": Role.SUPPORT, "C": Role.COMPILE}

ASSIGNED = {
    1: ("各科室", "I I I"),
    2: ("各科室按要求落实，综合科汇总。", "IC I I"),
    3: ("各科室按职能落实，综合科配合", "IS I I"),
    4: ("综合科", "I - -"),
    5: ("综合科", "I - -"),
    6: ("各科室按职责落实", "I I I"),
    7: ("金融发展科、产业金融科", "- I I"),
    8: ("综合科牵头，各科室按职责落实", "LI I I"),
    9: ("各科室", "I I I"),
    10: ("各科室", "I I I"),
    11: ("各科室", "I I I"),
    12: ("各科室", "I I I"),
    13: ("综合科牵头，各科室按照职能落实。", "LI I I"),
    14: ("综合科牵头，各科室按照职能落实。", "LI I I"),
    15: ("综合科", "I - -"),
    16: ("综合科", "I - -"),
    17: ("综合科", "I - -"),
    18: ("综合科牵头，各科室按职能落实。", "LI I I"),
    19: ("综合科牵头，各科室按职能落实。", "LI I I"),
    20: ("综合科牵头，各科室按职能落实。", "LI I I"),
    21: ("各科室", "I I I"),
    22: ("综合科", "I - -"),
    23: ("综合科", "I - -"),
    24: ("综合科牵头，各科室按职能落实。", "LI I I"),
    25: ("综合科", "I - -"),
}

HEADINGS = (
    ("一、优化政务公开工作基础", "（一）深化行政规章、规范性文件集中公开。", 1, 2),
    ("一、优化政务公开工作基础", "（二）持续推进基层政务公开标准化规范化。", 3, 3),
    (
        "一、优化政务公开工作基础",
        "（三）提升政府信息公开申请办理工作规范化程度。",
        4,
        4,
    ),
    ("一、优化政务公开工作基础", "（四）规范发布政府信息公开工作年度报告。", 5, 5),
    ("", "（一）加强优化营商环境信息公开。", 6, 7),
    (
        "",
        "（二）围绕扩大有效投资、推动国家重大发展战略落地落实加强信息公开。",
        8,
        8,
    ),
    (
        "三、推动重大政策解读提质增效，优化政策咨询服务",
        "（一）围绕省委“1+1+9”工作部署加大重大政策解读力度。",
        9,
        12,
    ),
    (
        "三、推动重大政策解读提质增效，优化政策咨询服务",
        "（二）积极回应社会关切。",
        13,
        14,
    ),
    (
        "四、优化政务公开平台建设",
        "（一）提升政府网站、政务新媒体运维管理水平。",
        15,
        17,
    ),
    ("四、优化政务公开平台建设", "（二）严格落实政府信息公开保密审查要求。", 18, 20),
    ("四、优化政务公开平台建设", "（三）持续做好政府公报工作。", 21, 21),
    ("五、强化工作指导监督", "强化工作指导监督", 22, 25),
)

LOST_HEADING = Question(
    task_codes=("T06", "T07", "T08"),
    field="工作要求",
    current_value="空白",
    reason="第6至8项的“工作要求”是空白：前一个是“一、”，后一个是“三、”，而“工作要点”"
    "从第6项起重新由“（一）”编号，可见中间缺了“二、”这个标题，它的文字无从得知。",
    advice="请对照原文件，在“任务”表中补填这些任务的“工作要求”；不知道就留空。",
)
SAME_WORDS = Question(
    task_codes=("T22", "T23", "T24", "T25"),
    field="工作要点",
    current_value="五、强化工作指导监督强化工作指导监督",
    reason="文字稿中同样的字连写了两遍，看来是“工作要求”和“工作要点”两格内容相同，已按两格分开。",
    advice="请对照原文件核对这两格；不对时在“任务”表中改正。",
)
NO_UNITS = Question(
    task_codes=("T14",),
    field="责任单位",
    current_value="空白",
    reason="第14项的“责任单位”是空白，与上一项同属一个工作要点，看来是合并单元格，"
    "已填入上一项的“综合科牵头，各科室按照职能落实。”。",
    advice="请对照原文件核对；不对时在“任务”表中改正“责任单位”。",
)


@pytest.fixture(scope="module", params=["plan.txt", "plan.docx"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return read_plan(EXAMPLE / request.param)


def test_text_and_document_give_the_same_items() -> None:
    """Scanned text and typed document hold the same 25 items, field by field."""
    text = read_plan(EXAMPLE / "plan.txt")
    document = read_plan(EXAMPLE / "plan.docx")
    assert len(text.items) == 25
    assert text.items == document.items


def test_title_agency_year(plan: Plan) -> None:
    """The title stands alone, and names the agency and the year."""
    assert (plan.title, plan.agency, plan.year) == (
        "中山市金融工作局2022年政务公开工作要点分工方案",
        "中山市金融工作局",
        2022,
    )


def test_sections(plan: Plan) -> None:
    """The sections are those that the plan names, and no others."""
    assert list_named_sections(item.units for item in plan.items) == SECTIONS


def test_headings(plan: Plan) -> None:
    """Every item stands under its own headings; the lost one stays blank."""
    expected = [
        (number, requirement, point)
        for requirement, point, first, last in HEADINGS
        for number in range(first, last + 1)
    ]
    assert [(i.number, i.requirement, i.point) for i in plan.items] == expected


def test_units_and_roles(plan: Plan) -> None:
    """Each item's units are the plan's words, and mean the roles of this table."""
    found = {}
    for item in plan.items:
        held = parse_units(item.units, SECTIONS).assignments
        letters = {
            section: "".join(
                letter
                for letter, role in _ROLES.items()
                if (section, role) in {(a.section, a.role) for a in held}
            )
            for section in SECTIONS
        }
        roles = " ".join(letters[section] or "-" for section in SECTIONS)
        found[item.number] = (item.units, roles)
    assert found == ASSIGNED


def test_no_page_marker_header_or_number_is_left(plan: Plan) -> None:
    """Item 3, cut in two by a page marker, reads on as one sentence without number."""
    assert plan.items[2].measure == (
        "结合权责清单以及实际承担的工作职责，持续推动政府信息主动公开目录的动态更新调整，"
        "切实将主动公开目录列明的公开事项公开到位。"
    )


def test_document_number_stands_in_hexagonal_brackets(plan: Plan) -> None:
    """Item 12 cites its document as GB/T 9704-2012 7.2.5 has it written."""
    assert "（中府办函〔2020〕187号），积极开展" in plan.items[11].measure


def test_units_without_a_full_stop_before_them(plan: Plan) -> None:
    """Item 24's measure ends without 。 and still ends before its units."""
    assert plan.items[23].measure == (
        "建立本部门2022年政务公开工作重点任务台账，明确责任主体和时限要求，逐项推动落实"
    )


def test_last_item_ends_with_the_plan(plan: Plan) -> None:
    """Nothing of the web page around the plan gets into its last item."""
    assert (plan.items[24].measure, plan.items[24].units) == (
        "工作要点落实情况纳入2022年政府信息公开工作年度报告予以公开，接受社会监督。",
        "综合科",
    )


def test_no_time_limit_is_invented(plan: Plan) -> None:
    """No item has a time limit, for the plan gives none."""
    assert {item.deadline_text for item in plan.items} == {""}


def test_what_the_text_says_of_time_is_asked_about(plan: Plan) -> None:
    """Items 10 and 22 name a rhythm within their text; it is put to the office."""
    asked = ask_about_deadlines(plan.items, 2022)
    assert [(q.task_codes, q.field, q.current_value) for q in asked] == [
        (("T10",), "时限", "每季度"),
        (("T22",), "时限", "每年至少听取1次"),
    ]


def test_questions_of_the_text() -> None:
    """The text leaves open a heading, two equal cells, a merged cell, and the dates."""
    assert read_plan(EXAMPLE / "plan.txt").questions == (
        LOST_HEADING,
        SAME_WORDS,
        NO_UNITS,
    )


def test_questions_of_the_document() -> None:
    """The document shows its merged cells, and leaves open only what is blank."""
    assert read_plan(EXAMPLE / "plan.docx").questions == (LOST_HEADING,)


def test_no_unit_is_in_doubt(plan: Plan) -> None:
    """With the plan's own sections, no unit is unknown or vague."""
    assert not list(ask_about_units(plan.items, SECTIONS))


def test_task_codes_have_two_digits() -> None:
    """Codes sort as their numbers do, up to 99."""
    assert [format_task_code(1), format_task_code(25)] == ["T01", "T25"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """The text may be saved in any encoding that a Chinese Windows offers."""
    text = (EXAMPLE / "plan.txt").read_text("utf-8")
    copy = tmp_path / "方案.txt"
    copy.write_bytes(text.encode(encoding))
    assert read_plan(copy) == read_plan(EXAMPLE / "plan.txt")


def test_kind_of_file_is_told_by_its_content(tmp_path: Path) -> None:
    """A document is read as one even when somebody has named it .txt."""
    copy = tmp_path / "方案.txt"
    copy.write_bytes((EXAMPLE / "plan.docx").read_bytes())
    assert read_plan(copy) == read_plan(EXAMPLE / "plan.docx")


@pytest.mark.slow
def test_document_is_what_its_script_makes(tmp_path: Path) -> None:
    """Running make_docx.py again gives the same plan.docx, byte for byte."""
    script = tmp_path / "make_docx.py"
    script.write_bytes((EXAMPLE / "make_docx.py").read_bytes())
    subprocess.run([sys.executable, str(script)], check=True)
    made, kept = tmp_path / "plan.docx", EXAMPLE / "plan.docx"
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(kept) as other:
        assert {n: one.read(n) for n in one.namelist()} == {
            n: other.read(n) for n in other.namelist()
        }
    assert made.read_bytes() == kept.read_bytes()
