"""The draft of the annual report in LibreOffice: whole on paper, page by page."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ledgerbook.annual_report import ReportDraft, build_draft, write_draft
from ledgerbook.annual_report.content import HEADINGS
from tests.office.prints import page_sizes, page_texts
from tests.support.ledgers import book, ledger, task
from tests.support.register_year import make_ledger, make_year
from tests.support.requirements import need_writer

A4 = (595, 842)
OFFICE = "综合科"
MEASURES = ("政策解读", "依申请公开", "保密审查", "政府网站", "听取汇报")


def whole_year() -> ReportDraft:
    """Draft a year with every topic told at length and every table filled."""
    registered = make_ledger(make_year())
    tasks = [task(n, (OFFICE,), measure=one * 9) for n, one in enumerate(MEASURES, 1)]
    answers = {
        (n, OFFICE): {
            "status": "推进中",
            "result": f"第{n}项办理{n * 11}件。" * 30,
            "reason": f"原因{n}",
            "next_step": f"打算{n}",
        }
        for n in range(1, 6)
    }
    merged = ledger(book((OFFICE,), tasks), answers)
    forms = (merged.book.task_form, *registered.book.registers)
    sections = registered.book.sections[:1]
    own = replace(merged.book, forms=forms, sections=sections)
    return build_draft(replace(merged, book=own, register_entries=registered.register_entries))


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convert the draft as a user of LibreOffice does."""
    need_writer()
    folder = tmp_path_factory.mktemp("draft")
    path = folder / "年报初稿.docx"
    path.write_bytes(write_draft(whole_year()))
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*words, "--outdir", str(folder), str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / "年报初稿.pdf"


def test_every_page_is_upright_and_has_its_number(pdf: Path) -> None:
    """The notes have none; the report is numbered from 1, without a gap."""
    assert set(page_sizes(pdf)) == {A4}
    texts = page_texts(pdf)
    # Of hundreds of doubtful entries only ten are listed.
    assert 8 <= len(texts) <= 12
    first = next(n for n, text in enumerate(texts) if text.startswith("某市金融"))
    assert all("起草说明" in text or "．" in text for text in texts[:first])
    numbers = [re.findall(r"—(\d+)—", text) for text in texts]
    assert numbers[:first] == [[]] * first
    expected = [[str(n)] for n in range(1, len(texts) - first + 1)]
    assert numbers[first:] == expected


def test_nothing_is_lost_on_paper(pdf: Path) -> None:
    """Every heading, sentence, question and item of the annex is printed."""
    made = whole_year()
    printed = re.sub(r"—\d+—", "", "".join(page_texts(pdf)))
    wanted = [
        *HEADINGS,
        *(sentence.text for sentence in made.sentences),
        *(question.text for question in made.open_points),
        made.annex_title,
    ]
    lost = [text for text in wanted if "".join(text.split()) not in printed]
    assert lost == []


def test_each_table_stands_whole_on_its_page(pdf: Path) -> None:
    """No table of figures is broken, and its heading stands above it."""
    texts = page_texts(pdf)
    for heading, last in (
        (HEADINGS[1], "行政事业性收费"),
        (HEADINGS[2], "四、结转下年度继续办理"),
        (HEADINGS[3], "复议后起诉"),
    ):
        (page,) = (text for text in texts if heading in text)
        assert last in page
