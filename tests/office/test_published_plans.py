"""Plans as offices publish them: LibreOffice saves them as .doc and prints them as .pdf."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.shared import Pt

from ledgerbook.plan import Plan, read_plan
from tests.plan.agency_plans import PLANS
from tests.plan.layouts import Drawn, comma, docx, drawn, html, rows_of, xls, xlsx
from tests.support.requirements import need_writer

EXAMPLE = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.docx"
PAGE_WIDTH = 430
TITLE = "东湖区财政局2023年政务公开工作分工方案"
TASKS = ("公开部门预算", "完善规范性文件目录", "规范依申请公开答复", "健全政务新媒体管理制度")
SECTIONS = ("预算科", "国库科", "法规科", "办公室", "综合科")


def write_document(
    title: str, tables: Sequence[Sequence[Sequence[str]]], widths: Sequence[float]
) -> bytes:
    """Return a document with ruled tables; ``widths`` are the shares of the first columns."""
    document = Document()
    document.styles["Normal"].font.size = Pt(11)
    document.add_paragraph(title).runs[0].font.size = Pt(18)
    for rows in tables:
        cells = drawn(rows)
        count = max(cell.column + cell.columns for cell in cells)
        shares = [*widths, *([1.0] * count)][:count]
        table = document.add_table(len(rows), count, style="Table Grid")
        table.autofit = False
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for column, share in zip(table.columns, shares, strict=True):
            for cell in column.cells:
                cell.width = Pt(PAGE_WIDTH * share / sum(shares))
        for cell in cells:
            _fill(table, cell)
        document.add_paragraph("")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _fill(table: object, cell: Drawn) -> None:
    place = table.cell(cell.row, cell.column)  # type: ignore[attr-defined]
    if cell.rows > 1 or cell.columns > 1:
        end = cell.row + cell.rows - 1, cell.column + cell.columns - 1
        place = place.merge(table.cell(*end))  # type: ignore[attr-defined]
    place.text, *others = cell.text.split("\n")
    for line in others:
        place.add_paragraph(line)


def make_long_table(seed: int) -> list[list[str]]:
    """Return 30 tasks of one to twelve sentences, so that pages break rows and merged cells."""
    random = Random(seed)  # noqa: S311  the same table each time
    rows = [["序号", "工作要点", "工作任务", "责任科室", "完成时限"]]
    for number in range(1, 31):
        sentences = ["，".join(random.choices(TASKS, k=3)) for _ in range(random.randint(1, 4))]
        rows.append(
            [
                str(number),
                "^" if number > 1 and random.random() < 0.6 else f"（{number}）信息公开工作",
                "\n".join(f"{sentence}。" for sentence in sentences),
                "、".join(random.sample(SECTIONS, random.randint(1, 3))),
                random.choice(["6月底前", "长期", "12月底前"]),
            ]
        )
    return rows


def _list_documents() -> dict[str, bytes]:
    documents = {"example": EXAMPLE.read_bytes()}
    shares = ((1, 4, 2, 2), (1, 1, 1), (1, 2, 5, 1))
    tabular = [
        plan
        for plan in PLANS.values()
        if plan.items and plan.render in (docx, xlsx, xls, html, comma)
    ]
    for number, plan in enumerate(tabular[::3]):
        tables = [rows_of(table) for table in plan.tables]
        if len(tables[0][0]) > 1:
            data = write_document(plan.title, tables, shares[number % len(shares)])
            documents[f"agency{number}"] = data
    for seed in range(3):
        widths = ((1, 2, 6, 2, 2), (1, 3, 3, 2, 2), (1, 2, 3, 3, 1))[seed]
        documents[f"long{seed}"] = write_document(TITLE, [make_long_table(seed)], widths)
    return documents


DOCUMENTS = _list_documents()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save every document as .doc and as .pdf, one LibreOffice for all of a kind."""
    need_writer()
    folder = tmp_path_factory.mktemp("published")
    for name, data in DOCUMENTS.items():
        (folder / f"{name}.docx").write_bytes(data)
    for kind in ("doc", "pdf"):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{folder / 'profile'}",
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                str(folder),
                *(str(folder / f"{name}.docx") for name in DOCUMENTS),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
    return folder


def _list_tasks(plan: Plan) -> tuple[object, ...]:
    return plan.title, plan.year, plan.items, plan.questions


@pytest.mark.parametrize("kind", ["doc", "pdf"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_published_plan_has_the_tasks_of_its_docx(folder: Path, name: str, kind: str) -> None:
    expected = read_plan(folder / f"{name}.docx")
    assert len(expected.items) > 1
    assert _list_tasks(read_plan(folder / f"{name}.{kind}")) == _list_tasks(expected)


def test_a_wps_is_a_doc(folder: Path) -> None:
    """WPS calls it so; it is read by its content, and its name changes nothing."""
    path = shutil.copy(folder / "example.doc", folder / "example.wps")
    assert _list_tasks(read_plan(path)) == _list_tasks(read_plan(EXAMPLE))
