"""Save filled returns again as other programs do, or write their texts as WPS and Excel do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_FILES_AT_ONCE = 50
_CLIENTS = Path(__file__).parents[1] / "tests" / "clients"


def has_libreoffice() -> bool:
    return shutil.which("soffice") is not None


def has_exceljs() -> bool:
    return shutil.which("node") is not None and (_CLIENTS / "node_modules").is_dir()


def save_with_libreoffice(paths: Sequence[Path], folder: Path) -> None:
    """Save each file again; raises RuntimeError where LibreOffice leaves one out."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            "soffice",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", f"{folder}"),
        ]
        # It ends without a word in the middle of a long list.
        for start in range(0, len(paths), _FILES_AT_ONCE):
            part = paths[start : start + _FILES_AT_ONCE]
            subprocess.run([*command, *map(str, part)], check=True, capture_output=True)
    missing = [path.name for path in paths if not (folder / path.name).exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not save {missing}")


def save_with_exceljs(paths: Sequence[Path], folder: Path) -> None:
    jobs = [
        {"library": "exceljs", "source": f"{path}", "target": f"{folder / path.name}", "cells": {}}
        for path in paths
    ]
    command = ["node", f"{_CLIENTS / 'save.cjs'}"]
    subprocess.run(command, input=json.dumps(jobs).encode(), check=True)


def write_typed_texts(paths: Sequence[Path], folder: Path, answers: Collection[str]) -> None:
    """Write ``answers`` as if typed in WPS (the first file and every second) or in Excel."""
    for number, path in enumerate(paths):
        write = (_write_as_wps, _write_as_excel)[number % 2]
        with (
            zipfile.ZipFile(path) as source,
            zipfile.ZipFile(folder / path.name, "w", zipfile.ZIP_DEFLATED) as package,
        ):
            for entry in source.infolist():
                part = source.read(entry)
                if entry.filename == "xl/sharedStrings.xml":
                    part = _rewrite_strings(part.decode(), write, answers).encode()
                package.writestr(entry, part)


_ITEM = re.compile(r"<si><t(?: [^>]*)?>(.*?)</t></si>", re.DOTALL)
# Entities of XML are ASCII throughout, so none is split.
_RUN = re.compile(r"[ -~]+|[^ -~]+")
_LATIN = '<rPr><sz val="10"/><rFont val="Times New Roman"/><family val="1"/></rPr>'
_CHINESE = '<rPr><sz val="10"/><rFont val="宋体"/><charset val="134"/></rPr>'


def _rewrite_strings(part: str, write: Callable[[str, bool], str], answers: Collection[str]) -> str:
    escaped = {escape(text) for text in answers}
    return _ITEM.sub(lambda item: f"<si>{write(item[1], item[1] in escaped)}</si>", part)


def _write_as_wps(text: str, is_answer: bool) -> str:
    """Return the inside of a string item: line ends as ``&#10;``, answers in rich runs."""
    text = text.replace("\n", "&#10;")
    return _write_runs(text) if is_answer else _write_plain(text)


def _write_as_excel(text: str, is_answer: bool) -> str:
    """Return the inside of a string item: CR LF, answers in rich runs with their pinyin."""
    text = text.replace("\n", "\r\n")
    if not is_answer:
        return _write_plain(text)
    chinese = re.search(r"[一-鿿]+", text)
    phonetic = '<phoneticPr fontId="1" type="noConversion"/>'
    if chinese:
        area = f'<rPh sb="{chinese.start()}" eb="{chinese.end()}">'
        phonetic = f"{area}<t>pin yin</t></rPh>{phonetic}"
    return _write_runs(text) + phonetic


def _write_runs(text: str) -> str:
    runs = _RUN.findall(text)
    if len(runs) == 1:
        return _write_plain(text)
    return "".join(
        f"<r>{_LATIN if run.isascii() else _CHINESE}{_write_plain(run)}</r>" for run in runs
    )


def _write_plain(text: str) -> str:
    return f'<t xml:space="preserve">{text}</t>'
