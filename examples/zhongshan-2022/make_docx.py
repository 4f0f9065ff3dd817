"""Make plan.docx: the real 2022 plan as the bureau would have typed it.

The text below was transcribed by hand, not taken from plan.txt, so that a test can
compare the tasks read from both files. The output is the same every time, byte for
byte:

    python examples/zhongshan-2022/make_docx.py
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell

TITLE = "中山市金融工作局2022年政务公开工作要点分工方案"
HEADERS = ("工作要求", "工作要点", "计划措施", "责任单位")
WIDTHS = (Mm(24), Mm(30), Mm(80), Mm(24))

# None continues the merged cell above; "" is a cell that the original leaves blank.
Row = tuple[str | None, str | None, str, str | None]

# One table for each page of the original.
PAGES: tuple[tuple[Row, ...], ...] = (
    (
        (
            "一、优化政务公开工作基础",
            "（一）深化行政规章、规范性文件集中公开。",
            "1.规范行政法规使用，统一参考中国政府法制信息网行政法规库，"
            "确保使用的行政法规文本为最新版本。",
            "各科室",
        ),
        (
            None,
            None,
            "2.摸清规范性文件底数，健全动态更新工作机制；明确标注规范性文件的名称、文号、"
            "发布机构、索引号、主题分类、成文及发布日期、有效性等要素，"
            "提高规范性文件公开质量和搜索功能准确性。",
            "各科室按要求落实，综合科汇总。",
        ),
        (
            None,
            "（二）持续推进基层政务公开标准化规范化。",
            "3.结合权责清单以及实际承担的工作职责，持续推动政府信息主动公开目录的动态更新"
            "调整，切实将主动公开目录列明的公开事项公开到位。",
            "各科室按职能落实，综合科配合",
        ),
        (
            None,
            "（三）提升政府信息公开申请办理工作规范化程度。",
            "4.规范使用全省政府信息依申请公开系统，实现登记、审核、办理、答复、归档等"
            "全流程电子化管理，提升依申请公开工作办理实效。",
            "综合科",
        ),
        (
            None,
            "（四）规范发布政府信息公开工作年度报告。",
            "5.规范编制发布政府信息公开工作年度报告，切实提高年报内容质量和数据准确性。",
            "综合科",
        ),
        (
            "",
            "（一）加强优化营商环境信息公开。",
            "6.全面推广“中山市惠企政策平台”，优化功能、提升体验，强化惠企政策供给信息公开，"
            "保持惠企政策及解读文件持续动态更新。",
            "各科室按职责落实",
        ),
        (
            None,
            None,
            "7.加大纾困帮扶政策的公开力度，促进稳就业和消费恢复。",
            "金融发展科、产业金融科",
        ),
    ),
    (
        (
            None,
            "（二）围绕扩大有效投资、推动国家重大发展战略落地落实加强信息公开。",
            "8.聚焦中国共产党中山市第十五次代表大会、2022年中山市政府工作报告提出的"
            "中心工作，加大对推进基础设施项目建设、加快研发创新、战略性产业集群建设、"
            "数字经济、贸易高质量发展等工作成效的宣传解读力度，及时回应社会关注。",
            "综合科牵头，各科室按职责落实",
        ),
        (
            "三、推动重大政策解读提质增效，优化政策咨询服务",
            "（一）围绕省委“1+1+9”工作部署加大重大政策解读力度。",
            "9.落实广东省政府系统政策解读工作细则（试行）“三同步”工作机制，"
            "做到应解读尽解读。进一步提升解读材料质量，突出核心概念、新旧政策差异、"
            "影响范围、执行标准、办事指引及注意事项等，精准传递政策意图。"
            "针对社会公众对政策可能存在的关注点、疑虑点，"
            "重点解读文件中与群众切实利益相关的内容，提高解读针对性。",
            "各科室",
        ),
        (
            None,
            None,
            "10.进一步改进政策解读方式方法，探索创新多渠道、全方位、立体式解读方式，"
            "加强政策线上线下传播。结合每季度市政府新闻发布会计划，综合运用新闻发布会、"
            "在线访谈、图文动画、短视频等形式对重大政策开展深度解读，"
            "提高政策知晓度和到达率。",
            "各科室",
        ),
        (
            None,
            None,
            "11.加大重大行政决策事项公众参与，决策事项通过向社会公开征求意见、"
            "书面征求意见、听证会、座谈会、网络平台互动等方式面向企业群众公开征求意见。"
            "重大行政决策事项公开征求意见的，通过政府网站、政务新媒体以及报刊、广播、"
            "电视等便于社会公众知晓的途径，公布决策草案及其说明材料，"
            "明确提出意见的方式和期限。对公众提出的意见建议不予采纳的，"
            "应当及时向社会公众反馈。",
            "各科室",
        ),
        (
            None,
            None,
            "12.落实中山市人民政府办公室关于印发2021年重大政策全周期管理方案的通知"
            "（中府办函〔2020〕187号），积极开展政策实施后的跟踪评估和解读。"
            "政策文件公布后，文件起草单位要密切关注重要政策，"
            "特别是涉及企业发展和民生问题方面的重要政策执行过程中的各方反映，"
            "跟踪评估政策实施效果，及时对相关舆情和社会关注点、存在的误解误读进行回应，"
            "有针对性地解疑释惑，必要时分段、多次、持续开展解读，增进社会共识。",
            "各科室",
        ),
    ),
    (
        (
            None,
            "（二）积极回应社会关切。",
            "13.认真做好省长留言（包括集约化平台转办的政务咨询类留言）、"
            "人民网网民给市长留言办理工作，按照规定时限做好留言答复。"
            "定期进行留言办理梳理分析，对反映集中的问题可通过二次解读等方式加强回应。",
            "综合科牵头，各科室按照职能落实。",
        ),
        (
            None,
            None,
            "14.切实落实政务舆情回应主体责任，加强政务舆情监测和风险研判，"
            "前瞻性做好引导工作，更好回应人民群众和市场主体关切，"
            "为经济社会发展营造良好氛围。",
            None,
        ),
        (
            "四、优化政务公开平台建设",
            "（一）提升政府网站、政务新媒体运维管理水平。",
            "15.严格落实网络意识形态责任制，确保政府网站与政务新媒体安全平稳运行。",
            "综合科",
        ),
        (
            None,
            None,
            "16.持续加强政府网站与政务新媒体安全防护工作，做好日常巡检和监测。",
            "综合科",
        ),
        (
            None,
            None,
            "17.强化政务新媒体矩阵建设，坚持全市一盘棋，及时准确传递党和政府的权威声音。"
            "配合市政府办公室通过政府网站及政务新媒体平台统一推广与企业、"
            "群众利益密切相关的政策措施。",
            "综合科",
        ),
        (
            None,
            "（二）严格落实政府信息公开保密审查要求。",
            "18.在公开工作中要落实信息发布主体责任，进一步增强规范意识，"
            "完善政府信息公开保密审查制度，对拟公开的政府信息依法依规严格做好保密审查，"
            "防止泄露国家秘密、工作秘密和敏感信息，防范数据汇聚引发泄密风险。",
            "综合科牵头，各科室按职能落实。",
        ),
        (
            None,
            None,
            "19.政府网站及政务新媒体要严格执行日常发布内容“三审三校”“先审后发”机制，"
            "严把政治关、法律关、政策关、保密关、文字关。",
            "综合科牵头，各科室按职能落实。",
        ),
    ),
    (
        (
            None,
            None,
            "20.公开内容涉及社会公共利益调整、需要广泛知晓的，可通过互联网等渠道公开。"
            "公开内容仅涉及部分特定对象，或者相关规定明确要求在特定范围内公示的，"
            "要选择适当的公开方式，防止危害国家安全、公共安全、经济安全、社会稳定"
            "或者泄露个人隐私、商业秘密。",
            "综合科牵头，各科室按职能落实。",
        ),
        (
            None,
            "（三）持续做好政府公报工作。",
            "21.进一步提高政府公报质量。一丝不苟做好规范性文件及政策解读审核把关，"
            "避免出现政治性表述错误、法律法规依据或版本错误、错别字等问题，"
            "确保在中山市人民政府公报上刊登的规范性文件及解读的规范性和高质量。"
            "规范性文件印发后及时申请在政府公报刊登，保证公报刊登内容的时效性。",
            "各科室",
        ),
        (
            "五、强化工作指导监督",
            "强化工作指导监督",
            "22.主要负责同志每年至少听取1次政务公开工作汇报，专题研究部署政务公开工作。",
            "综合科",
        ),
        (
            None,
            None,
            "23.配齐配强政务公开工作力量，保障工作经费，"
            "确保政策解读、平台建设、常态化监测等工作顺利开展。",
            "综合科",
        ),
        (
            None,
            None,
            "24.建立本部门2022年政务公开工作重点任务台账，明确责任主体和时限要求，逐项推动落实",
            "综合科牵头，各科室按职能落实。",
        ),
        (
            None,
            None,
            "25.工作要点落实情况纳入2022年政府信息公开工作年度报告予以公开，接受社会监督。",
            "综合科",
        ),
    ),
)


def build_document() -> bytes:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_run(title, TITLE, "方正小标宋简体", 22)
    for number, rows in enumerate(PAGES):
        if number:
            # Each table begins a page, as in the original.
            document.add_paragraph().paragraph_format.page_break_before = True
        _add_table(document.add_table(len(rows) + 1, len(HEADERS), "Table Grid"), rows)
    created = datetime(2022, 5, 1)  # noqa: DTZ001  core properties have no time zone
    core = document.core_properties
    core.title, core.author, core.last_modified_by = TITLE, "ledgerbook", "ledgerbook"
    core.comments, core.created, core.modified, core.revision = "", created, created, 1
    buffer = io.BytesIO()
    document.save(buffer)
    return _normalize_zip(buffer.getvalue())


def _add_table(table: Table, rows: tuple[Row, ...]) -> None:
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, WIDTHS, strict=True):
            cell.width = width
    header = table.rows[0]
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(header.cells, HEADERS, strict=True):
        _fill_cell(cell, text, "黑体", WD_ALIGN_PARAGRAPH.CENTER)
    for column in range(len(HEADERS)):
        for first, last, text in _find_merged_cells([row[column] for row in rows]):
            top, bottom = table.cell(first + 1, column), table.cell(last + 1, column)
            _fill_cell(top.merge(bottom), text, "仿宋_GB2312")


def _find_merged_cells(texts: list[str | None]) -> list[tuple[int, int, str]]:
    """Return (first row, last row, text) of each merged cell; one begins at the top of a page."""
    starts = [row for row, text in enumerate(texts) if text is not None or row == 0]
    ends = [*(start - 1 for start in starts[1:]), len(texts) - 1]
    return [(start, end, texts[start] or "") for start, end in zip(starts, ends, strict=True)]


def _fill_cell(cell: _Cell, text: str, font: str, align: WD_ALIGN_PARAGRAPH | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    _add_run(paragraph, text, font, 12)


def _add_run(paragraph: object, text: str, font: str, size: int) -> None:
    if not text:
        return
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), font)


def _normalize_zip(data: bytes) -> bytes:
    """Return the package with its entries sorted by name, all with the earliest ZIP time."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w") as target,
    ):
        for name in sorted(source.namelist()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("plan.docx").write_bytes(build_document())
