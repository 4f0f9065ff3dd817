# ruff: noqa: E501  a row of a table stands on one line
"""Tables and paragraphs of a PDF: what programs that print have done to them is undone."""

from __future__ import annotations

import contextlib
import sys
import zlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.errors import InputError
from ledgerbook.plan import Plan, reader
from ledgerbook.plan.extract import extract_plan
from ledgerbook.plan.formats.pdf import PdfContent, read_pages
from tests.plan.layouts import docx, docx_lines, read, rows_of
from tests.support.pdf_writer import Page, Text, draw_table, write_pdf

TITLE = "东湖区财政局2023年政务公开工作分工方案"
WIDTHS = (40, 70, 126, 96, 76)
HEAD = "序号 | 工作要点 | 工作任务 | 责任科室 | 完成时限"


def print_tables(*pages: Sequence[str], widths: Sequence[float] = WIDTHS) -> bytes:
    """Return a PDF with a table and a number on each page, below the title on the first."""
    drawn = [draw_table(rows_of(page), widths, 60, 80) for page in pages]
    titles = [[Text(TITLE, 100, 40, 15)], *([] for _ in drawn[1:])]
    return write_pdf(
        [
            Page([*title, *page.texts, Text(f"— {number} —", 280, 800)], page.rules)
            for number, (title, page) in enumerate(zip(titles, drawn, strict=True), 1)
        ]
    )


def read_here(data: bytes) -> Plan:
    """Read a plan in this process, which takes no time to start."""
    content = read_pages(data)
    assert isinstance(content, PdfContent)
    return extract_plan(reader._read_pdf_plan(content, ""), split_items=False)


def assert_same(plan: Plan, table: Sequence[str]) -> None:
    """Check that a plan has the title, items and questions that the .docx of a table has."""
    expected = read(docx([TITLE], [rows_of(table)]))
    assert plan.title == expected.title
    assert plan.items == expected.items
    assert plan.questions == expected.questions
    assert plan.cell_count.is_balanced


BODY = (
    "一、加强公开 | < | < | < | <",
    "1 | （一）财政信息 | 公开部门预算、决算和“三公”经费，\\n并在二十日内解读。 | 预算科\\n办公室 | 3月底前",
    "2 | ^ | 公开决算。 | 国库科牵头，各科室配合 | 9月底前",
    "3 | （二）政策信息 | 公开规范性文件。 | ^ | 长期",
)


def test_a_pdf_gives_the_tasks_of_the_docx() -> None:
    """The one test that reads in a process of its own, as the program does."""
    plan = read(print_tables((HEAD, *BODY)))
    assert plan.items[0].measure == ("公开部门预算、决算和“三公”经费，并在二十日内解读。")
    assert_same(plan, (HEAD, *BODY))


PAGES = {
    "a repeated header": (
        [(HEAD, *BODY[:3]), (HEAD, "3 | （二）政策信息 | 公开规范性文件。 | 法规科 | 长期")],
        (HEAD, *BODY[:3], "3 | （二）政策信息 | 公开规范性文件。 | 法规科 | 长期"),
    ),
    "no repeated header": (
        [(HEAD, *BODY[:2]), BODY[2:]],
        None,
    ),
    "a row broken within a sentence": (
        [
            (HEAD, *BODY[:1], "1 | （一）财政信息 | 公开部门预算、决算和“三公” | 预算科 | 3月底前"),
            (" |  | 经费，并在二十日内解读。 |  | ", "2 | ^ | 公开决算。 | 国库科 | 9月底前"),
        ],
        (
            HEAD,
            *BODY[:1],
            "1 | （一）财政信息 | 公开部门预算、决算和“三公”经费，并在二十日内解读。 | 预算科 | 3月底前",
            "2 | ^ | 公开决算。 | 国库科 | 9月底前",
        ),
    ),
    "a row broken between two sentences": (
        [
            (HEAD, "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前"),
            (" |  | 公开部门决算。 |  | ", "2 | （二）政策信息 | 公开文件。 | 国库科 | 9月底前"),
        ],
        (
            HEAD,
            "1 | （一）财政信息 | 公开部门预算。\\n公开部门决算。 | 预算科 | 3月底前",
            "2 | （二）政策信息 | 公开文件。 | 国库科 | 9月底前",
        ),
    ),
    "units broken": (
        [
            (
                HEAD,
                "1 | （一）财政信息 | 公开部门预算、决算和“三公” | 预算科牵头，各科室按 | 3月底前",
            ),
            (" |  | 经费。 | 职责落实 | ", "2 | （二）政策信息 | 公开文件。 | 国库科 | 9月底前"),
        ],
        (
            HEAD,
            "1 | （一）财政信息 | 公开部门预算、决算和“三公”经费。 | 预算科牵头，各科室按职责落实 | 3月底前",
            "2 | （二）政策信息 | 公开文件。 | 国库科 | 9月底前",
        ),
    ),
    "a merged cell that goes on": (
        [
            (HEAD, "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前"),
            (HEAD, "2 |  | 公开决算。 | 国库科 | 9月底前", "3 | ^ | 公开账目。 | 国库科 | 长期"),
        ],
        (
            HEAD,
            "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前",
            "2 | ^ | 公开决算。 | 国库科 | 9月底前",
            "3 | ^ | 公开账目。 | 国库科 | 长期",
        ),
    ),
    "the text of a merged cell broken": (
        [
            (HEAD, "1 | （一）深化财政预算信息公 | 公开部门预算。 | 预算科 | 3月底前"),
            (
                HEAD,
                "2 | 开。 | 公开决算。 | 国库科 | 9月底前",
                "3 | ^ | 公开账目。 | 国库科 | 长期",
            ),
        ],
        (
            HEAD,
            "1 | （一）深化财政预算信息公开。 | 公开部门预算。 | 预算科 | 3月底前",
            "2 | ^ | 公开决算。 | 国库科 | 9月底前",
            "3 | ^ | 公开账目。 | 国库科 | 长期",
        ),
    ),
    "the text of a merged cell on the next page alone": (
        [
            (
                HEAD,
                "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前",
                "2 |  | 公开决算。 | 国库科 | 长期",
            ),
            (
                HEAD,
                "3 | （二）政策信息 | 公开文件。 | 法规科 | 长期",
                "4 | ^ | 解读文件。 | 法规科 | 长期",
            ),
        ],
        (
            HEAD,
            "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前",
            "2 | （二）政策信息 | 公开决算。 | 国库科 | 长期",
            "3 | ^ | 公开文件。 | 法规科 | 长期",
            "4 | ^ | 解读文件。 | 法规科 | 长期",
        ),
    ),
    "without numbers, a row broken between two sentences": (
        [
            (
                "工作任务 | 责任科室",
                "公开部门预算。 | 预算科",
                "公开部门决算。 | 国库科",
                "公开文件。 | 法规科",
                "公开账目。 | 预算科",
            ),
            ("二十日内解读。 | ", "公开年报。 | 办公室"),
        ],
        (
            "工作任务 | 责任科室",
            "公开部门预算。 | 预算科",
            "公开部门决算。 | 国库科",
            "公开文件。 | 法规科",
            "公开账目。\\n二十日内解读。 | 预算科",
            "公开年报。 | 办公室",
        ),
    ),
    "a new row with a blank of its own": (
        [
            (
                HEAD,
                "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前",
                "2 | （二）财政信息 | 公开。 | 办公室 | ",
            ),
            (HEAD, "3 | （三）政策信息 | 公开决算。 | 国库科 | "),
        ],
        (
            HEAD,
            "1 | （一）财政信息 | 公开部门预算。 | 预算科 | 3月底前",
            "2 | （二）财政信息 | 公开。 | 办公室 | ",
            "3 | （三）政策信息 | 公开决算。 | 国库科 | ",
        ),
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_table_over_pages_is_one_table(name: str) -> None:
    pages, table = PAGES[name]
    widths = WIDTHS if pages[0][0] == HEAD else WIDTHS[2:4]
    plan = read_here(print_tables(*pages, widths=widths))
    assert_same(plan, table or [row for page in pages for row in page])


LINES = (
    TITLE,
    "一、加强公开",
    "1.公开部门预算、决算和“三公”经费，并在二十日内解读，方便群众查阅。（责任单位：预算科；完成时限：3月底前）",
    "2.公开决算。（责任单位：国库科）",
    "二、做好解读",
    "3.解读重要政策。（责任单位：办公室、法规科）",
)


def print_lines(lines: Sequence[str], length: int = 40) -> bytes:
    """Return a PDF of paragraphs, wrapped after ``length`` characters, with page numbers."""
    wrapped = [
        line[start : start + length] for line in lines for start in range(0, len(line), length)
    ]
    pages = [wrapped[start : start + 3] for start in range(0, len(wrapped), 3)]
    return write_pdf(
        [
            Page(
                [
                    *(Text(line, 80, 100 + 20 * row) for row, line in enumerate(page)),
                    Text(f"— {number} —", 280, 780),
                ]
            )
            for number, page in enumerate(pages, 1)
        ]
    )


def test_paragraphs_of_a_pdf_are_those_of_the_docx() -> None:
    plan, expected = read_here(print_lines(LINES)), read(docx_lines(LINES))
    assert len(expected.items) == 3
    assert (plan.title, plan.items, plan.questions) == (
        expected.title,
        expected.items,
        expected.questions,
    )


def draw_aligned(
    rows: Sequence[str], places: Sequence[float], distance: float, *titles: Text
) -> Page:
    """Return a page with rows without rules; rows are ``distance`` apart."""
    texts, top = [*titles], 80.0
    for row in rows:
        cells = [cell.split("\n") for cell in rows_of([row])[0]]
        texts += [
            Text(line, place, top + 12 * number)
            for place, cell in zip(places, cells, strict=False)
            for number, line in enumerate(cell)
            if line
        ]
        top += 12 * (max(map(len, cells)) - 1) + distance
    return Page(texts)


ALIGNED = (
    "序号 | 工作任务 | 责任科室 | 完成时限",
    "1 | 公开部门预算、决算和\n“三公”经费。 | 预算科 | 3月底前",
    "2 | 公开决算。 | 国库科牵头，\n各科室配合 | 9月底前",
    "3 | 公开规范性文件。 | 法规科 | 长期",
)


PLACES = (60, 100, 260, 400)


@pytest.mark.parametrize("distance", [12, 24])
def test_a_table_without_rules_is_read_by_alignment(distance: float) -> None:
    page = draw_aligned(ALIGNED, PLACES, distance, Text(TITLE, 100, 40, 15))
    data = write_pdf([page])
    table = [row.replace("预算、决算和\n", "预算、决算和") for row in ALIGNED]
    plan, expected = read_here(data), read(docx([TITLE], [rows_of(table)]))
    assert [item.measure for item in plan.items] == [item.measure for item in expected.items]
    assert [item.units for item in plan.items] == ["预算科", "国库科牵头，各科室配合", "法规科"]
    assert [item.deadline_text for item in plan.items] == ["3月底前", "9月底前", "长期"]


def test_a_table_without_rules_goes_on_without_a_header() -> None:
    title = Text(TITLE, 100, 40, 15)
    pages = [
        draw_aligned(ALIGNED[:3], PLACES, 24, title),
        draw_aligned(["二、做好解读 |  |  | ", *ALIGNED[3:]], PLACES, 24),
    ]
    plan = read_here(write_pdf(pages))
    assert [item.units for item in plan.items] == ["预算科", "国库科牵头，各科室配合", "法规科"]
    assert plan.items[2].deadline_text == "长期"


REFUSALS = {
    "scanned": (
        write_pdf([Page(has_picture=True)] * 2),
        "这个 PDF 是扫描件，里面只有图片，没有文字，读不了。"
        "请找方案的 Word 文件（.docx、.doc）；实在没有的，先用 WPS 等软件识别成文字，"
        "对照原件校对后存成 .docx，或把表格照着打成 .docx、.xlsx，再重试。",
    ),
    "long": (
        write_pdf([Page([Text("公开部门预算和决算信息", 80, 80)])] * 301),
        "这个 PDF 超过 300 页，不像分工方案。请核对是不是选错了文件。",
    ),
    "cut": (
        print_lines(LINES)[:900],
        "这个 PDF 已经损坏，读不出来。"
        "请找方案的 Word 文件（.docx、.doc），或用 WPS 等软件转换成 .docx 后重试。",
    ),
    "without an encoding": (
        write_pdf([Page([Text("公开部门预算和决算信息", 80, 80)])], has_encoding=False),
        "这个 PDF 里的文字没有编码，只能看，读不出来。"
        "请找方案的 Word 文件（.docx、.doc），或用 WPS 等软件转换成 .docx 后重试。",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_read_is_one_message(name: str) -> None:
    data, message = REFUSALS[name]
    assert read_pages(data) == message


def test_a_page_that_is_a_picture_is_asked_about() -> None:
    table = draw_table(rows_of((HEAD, *BODY)), WIDTHS, 60, 80)
    plan = read_here(write_pdf([table, Page(has_picture=True)]))
    assert len(plan.items) == 3
    asked = [question.reason for question in plan.questions if question.current_value == "第 2 页"]
    assert asked == ["方案的 PDF 里，第 2 页是图片，没有文字，没有读到。"]


def test_without_the_component_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(InputError) as caught:
        read(print_tables((HEAD, *BODY)))
    assert str(caught.value) == (
        "“方案”：读 PDF 要用的组件没有安装。"
        "请用 Word 或 WPS 把方案另存为 .docx 后重试；"
        "或者请给您装本工具的人在程序源码的文件夹里运行“pip install .[plans]”装上。"
    )


def _bomb() -> bytes:
    """Return a PDF of one page whose content inflates to 512 MiB."""
    compressor = zlib.compressobj(9)
    chunk = b"0 0 m 9 9 l S " * 2**16
    content = b"".join(compressor.compress(chunk) for _ in range(2**29 // len(chunk)))
    content += compressor.flush()
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content)
    return write_pdf([Page()]).replace(b"<</Length 0>>stream\n\nendstream", stream)


def _deep() -> bytes:
    """Return a PDF with a hundred thousand arrays in each other."""
    return write_pdf([Page()]).replace(b"/MediaBox[0 0 595 842]", b"/MediaBox" + b"[" * 100_000)


def _crossed() -> bytes:
    """Return a PDF of one page with 3,000 rules across and 3,000 down."""
    rules = [(place / 5, 0, place / 5, 800) for place in range(3_000)]
    rules += [(0, place / 4, 590, place / 4) for place in range(3_000)]
    return write_pdf([Page([Text("公开部门预算和决算信息", 80, 80)], rules)])


@pytest.mark.slow
@pytest.mark.parametrize("make", [_bomb, _deep, _crossed], ids=lambda make: str(make.__name__))
def test_a_hostile_pdf_ends_in_one_message(make: Callable[[], bytes]) -> None:
    with pytest.raises(InputError, match=r"^“方案”：.*。$"):
        read(make())


PDF = print_tables((HEAD, *BODY))


@pytest.mark.slow
@given(
    spoilt=st.dictionaries(st.integers(0, len(PDF) - 1), st.integers(0, 255), max_size=5),
    length=st.just(len(PDF)) | st.integers(0, len(PDF)),
)
def test_a_pdf_cut_or_garbled_anywhere(spoilt: dict[int, int], length: int) -> None:
    """Damaged at any place, a PDF is read or refused, and no exception leaves."""
    data = bytearray(PDF)
    for place, byte in spoilt.items():
        data[place] = byte
    content = read_pages(bytes(data[:length]))
    if isinstance(content, PdfContent):
        with contextlib.suppress(InputError):
            assert extract_plan(reader._read_pdf_plan(content, "")).cell_count.is_balanced
