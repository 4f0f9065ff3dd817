"""Take the pictures of the manual again: what the demo makes, as LibreOffice prints it.

Needs LibreOffice, poppler's pdftoppm and pdftotext, and the Noto CJK fonts; `make
pictures` runs it. The demo's day is fixed, but cells that look at the clock, as
overdue rows in a section's workbook do, look at today's.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

from ledgerbook.cli import demo

HERE = Path(__file__).parent
DPI = 150
COLOURS, LARGEST = 64, 150 * 1024
MARGIN = 16
PAPER = "white"
# Below this share of a page stands its number.
_BODY = 0.89

# The fonts of a Chinese office, and what stands in for them where they are missing.
_FONTS = {
    "Calibri": "Noto Sans Mono CJK SC",
    "宋体": "Noto Serif CJK SC",
    "仿宋_GB2312": "Noto Serif CJK SC",
    "楷体_GB2312": "Noto Serif CJK SC",
    "黑体": "Noto Sans CJK SC",
    "方正小标宋简体": "Noto Serif CJK SC",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: pages of a file that the demo makes, each known by words on it.

    ``top`` is how much of each page is shown; several pages stand one below the other
    or, with ``beside``, one next to the other.
    """

    name: str
    file: str
    pages: tuple[str, ...]
    top: float = 1
    beside: bool = False
    width: int = 1100


BOOK, SECTION = "台账.xlsx", "收回/分科室/金融发展科反馈.xlsx"
SUMMARY, REPORT = "汇总/2022年度汇总.xlsx", "年报初稿.docx"
SHOTS = (
    Shot("book-tasks", BOOK, ("橙色的格子",), 0.62),
    Shot("book-roles", BOOK, ("各科室职责分工",), 0.5),
    Shot("book-questions", BOOK, ("需要综合科确认的事项",)),
    Shot("notice", "发出/年度/填报通知.docx", ("各科室：",), width=700),
    Shot("section", SECTION, ("重点任务台账填报科室",)),
    Shot("guide", SECTION, ("重点任务台账填表说明1",)),
    Shot("summary", SUMMARY, ("一、总体情况", "三、各项工作要求")),
    Shot("year", SUMMARY, ("落实情况汇总表",), 0.8),
    Shot("overdue", SUMMARY, ("逾期临期任务清单",)),
    Shot("submissions", SUMMARY, ("一、各科室报送情况",)),
    Shot("problems", SUMMARY, ("问题清单共",)),
    Shot("corrections", "汇总/退回修改/金融发展科.xlsx", ("需要改正的地方",)),
    Shot("report", REPORT, ("起草说明", "一、总体情况"), beside=True, width=1050),
)


def main() -> None:
    """Run the demo, print what it makes, and write every picture."""
    with tempfile.TemporaryDirectory(prefix="ledgerbook-pictures-") as name:
        folder = Path(name)
        made = folder / "demo"
        for _ in demo.run_demo(made):
            pass
        printed = {
            file: _print(made / file, folder / str(n))
            for n, file in enumerate(dict.fromkeys(shot.file for shot in SHOTS))
        }
        for shot in SHOTS:
            path = HERE / "images" / f"{shot.name}.png"
            path.parent.mkdir(exist_ok=True)
            _take(shot, printed[shot.file]).save(path, optimize=True)
            size = path.stat().st_size
            print(f"{path.name}: {size / 1024:.0f} KiB")
            if size > LARGEST:
                sys.exit(f"{path.name} is too large")


def _print(path: Path, folder: Path) -> Path:
    """Have LibreOffice print a file; return the PDF."""
    folder.mkdir()
    fonts = folder / "fonts.conf"
    fonts.write_text(_font_rules(), "utf-8")
    profile = (folder / "profile").as_uri()
    _run(
        [
            *("soffice", f"-env:UserInstallation={profile}", "--headless"),
            *("--convert-to", "pdf", "--outdir", str(folder), str(path)),
        ],
        {"FONTCONFIG_FILE": str(fonts)},
    )
    return folder / f"{path.stem}.pdf"


def _font_rules() -> str:
    rules = "".join(
        f'<alias binding="same"><family>{name}</family>'
        f"<accept><family>{other}</family></accept></alias>"
        for name, other in _FONTS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><include>/etc/fonts/fonts.conf</include>{rules}</fontconfig>"
    )


def _take(shot: Shot, printed: Path) -> Image.Image:
    texts = _run(["pdftotext", str(printed), "-"]).split("\f")
    found = [_page(words, texts, shot) for words in shot.pages]
    pieces = [_cropped(image, shot.top) for image in _images(printed, found)]
    whole = _joined(pieces, beside=shot.beside)
    size = shot.width, round(whole.height * shot.width / whole.width)
    small = whole.resize(size, Image.Resampling.LANCZOS)
    return small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def _page(words: str, texts: Sequence[str], shot: Shot) -> int:
    """Return the number of the first page with ``words`` on it, whatever the breaks."""
    for number, text in enumerate(texts, 1):
        if words in re.sub(r"\s", "", text):
            return number
    raise LookupError(f"no page of {shot.file} says {words}")


def _images(printed: Path, pages: Sequence[int]) -> Iterator[Image.Image]:
    for page in pages:
        target = printed.with_name(f"page-{page}")
        span = ["-f", str(page), "-l", str(page), "-singlefile"]
        _run(["pdftoppm", "-r", str(DPI), "-png", *span, str(printed), str(target)])
        with Image.open(target.with_suffix(".png")) as image:
            yield image.convert("RGB")


def _cropped(image: Image.Image, top: float) -> Image.Image:
    """Cut the paper's margins off, and what is below ``top`` of what is printed."""
    blank = Image.new("RGB", image.size, PAPER)
    body = image.crop((0, 0, image.width, round(image.height * _BODY)))
    box = ImageChops.difference(body, blank.crop((0, 0, *body.size))).getbbox()
    left, upper, right, lower = box or (0, 0, *body.size)
    lower = upper + round((lower - upper) * top)
    return image.crop((left - MARGIN, upper - MARGIN, right + MARGIN, lower + MARGIN))


def _joined(pieces: Sequence[Image.Image], *, beside: bool) -> Image.Image:
    widths, heights = [one.width for one in pieces], [one.height for one in pieces]
    size = (sum(widths), max(heights)) if beside else (max(widths), sum(heights))
    whole = Image.new("RGB", size, PAPER)
    at = 0
    for one in pieces:
        whole.paste(one, (at, 0) if beside else (0, at))
        at += one.width if beside else one.height
    return whole


def _run(words: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    environ = {**os.environ, **(variables or {})}
    done = subprocess.run(words, env=environ, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


if __name__ == "__main__":
    main()
