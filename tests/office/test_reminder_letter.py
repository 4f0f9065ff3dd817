"""催办通知 in LibreOffice: one page, however much is open."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ledgerbook.reminders.letter import write_reminder
from tests.office.prints import page_sizes
from tests.reminders.test_letter import make_note
from tests.support.requirements import need_writer

A4 = (595, 842)
COUNTS = (1, 2, 3, 4, 5, 7, 10, 15, 30, 80)


def test_every_letter_has_one_page(tmp_path: Path) -> None:
    """Each step from all in words to mere numbers, reminded once and often."""
    need_writer()
    for count in COUNTS:
        for earlier in (0, 5):
            data = write_reminder(make_note(count, earlier=earlier))
            (tmp_path / f"{count}-{earlier}.docx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    words = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    documents = sorted(map(str, tmp_path.glob("*.docx")))
    subprocess.run([*words, *documents], check=True, capture_output=True, timeout=240)
    pages = {path.stem: page_sizes(path) for path in tmp_path.glob("*.pdf")}
    assert pages == {f"{count}-{earlier}": [A4] for count in COUNTS for earlier in (0, 5)}
