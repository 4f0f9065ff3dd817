"""通报 in LibreOffice: one page of A4 with every word on it, whatever is to be said."""

from __future__ import annotations

import io
import subprocess
from itertools import pairwise
from pathlib import Path

from docx import Document
from docx.oxml.ns import qn

from ledgerbook.reminders.briefing_document import write_briefing
from tests.office.prints import first_page, page_sizes, page_texts
from tests.reminders.test_briefing import STRANGE_LEDGERS, compose
from tests.support.requirements import need_writer

A4 = (595, 842)
BAR = "#1F4E79"


def test_every_briefing_has_one_page(tmp_path: Path) -> None:
    """From no section to forty with long names; nothing is cut by an exact height."""
    need_writer()
    texts = {}
    for name, made in STRANGE_LEDGERS.items():
        data = write_briefing(compose(made))
        (tmp_path / f"{name}.docx").write_bytes(data)
        parts = Document(io.BytesIO(data)).element.iter(qn("w:t"))
        texts[name] = "".join("".join(part.text or "" for part in parts).split())
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    documents = sorted(map(str, tmp_path.glob("*.docx")))
    subprocess.run([*words, *documents], check=True, capture_output=True, timeout=240)
    for name, text in texts.items():
        pdf = tmp_path / f"{name}.pdf"
        assert page_sizes(pdf) == [A4], name
        (printed,) = page_texts(pdf)
        # In a table the order of the words on the page is another.
        assert sorted(printed) == sorted(text), name
    assert measure_bars(tmp_path / "ten.pdf")[:2] == [8, 7]


def measure_bars(pdf: Path) -> list[int]:
    """Return the lengths of the bars from the top, in eighths of the longest."""
    picture = first_page(pdf)
    height = len(picture.pixels) // (3 * picture.width)
    lengths = [sum(picture.pixel(x, y) == BAR for x in range(picture.width)) for y in range(height)]
    bars = [now for before, now in pairwise(lengths) if now and not before]
    return [round(8 * length / max(bars)) for length in bars]
