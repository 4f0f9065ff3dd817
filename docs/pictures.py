"""Make the pictures of the manual: pages of the demo's files as LibreOffice prints them.

Needs LibreOffice, poppler's pdftoppm and pdftotext, and the Noto CJK fonts; `make
pictures` runs it. The demo's date is fixed, but formulas with TODAY(), such as those that
colour overdue rows in a section's workbook, use the day on which this script runs.
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
# The page number is below this share of a page's height; it is cut off.
_BODY = 0.89

# The fonts of a Chinese office → their replacement where they are not installed.
_FONTS = {
    "Calibri": "Noto Sans Mono CJK SC",
    "宋体": "Noto Serif CJK SC",
    "仿宋_GB2312": "Noto Serif CJK SC",
    "楷体_GB2312": "Noto Serif CJK SC",
    "黑体": "Noto Sans CJK SC",
    "方正小标宋简体": "Noto Serif CJK SC",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: pages of a file that the demo makes.

    Each of ``pages`` is a text; the first page that contains it is shown. ``top`` is the
    share of each page that is shown, from the top. Several pages are put one below
    another or, with ``side_by_side``, next to each other. ``width`` is in pixels.
    """

    name: str
    file: str
    pages: tuple[str, ...]
    top: float = 1
    side_by_side: bool = False
    width: int = 1100


BOOK, SECTION = "台账.xlsx", "收回/分科室/金融发展科反馈.xlsx"
SUMMARY, REPORT = "汇总/2022年度汇总.xlsx", "年报初稿.docx"
PICTURES = (
    Picture("book-tasks", BOOK, ("橙色的格子",), 0.62),
    Picture("book-roles", BOOK, ("各科室职责分工",), 0.5),
    Picture("book-questions", BOOK, ("需要综合科确认的事项",)),
    Picture("notice", "发出/年度/填报通知.docx", ("各科室：",), width=700),
    Picture("section", SECTION, ("重点任务台账填报科室",)),
    Picture("guide", SECTION, ("重点任务台账填表说明1",)),
    Picture("summary", SUMMARY, ("一、总体情况", "三、各项工作要求")),
    Picture("year", SUMMARY, ("落实情况汇总表",), 0.8),
    Picture("overdue", SUMMARY, ("逾期临期任务清单",)),
    Picture("submissions", SUMMARY, ("一、各科室报送情况",)),
    Picture("problems", SUMMARY, ("问题清单共",)),
    Picture("corrections", "汇总/退回修改/金融发展科.xlsx", ("需要改正的地方",)),
    Picture("report", REPORT, ("起草说明", "一、总体情况"), side_by_side=True, width=1050),
)


def main() -> None:
    """Run the demo, print its files to PDF, and write every picture."""
    with tempfile.TemporaryDirectory(prefix="ledgerbook-pictures-") as name:
        folder = Path(name)
        demo_folder = folder / "demo"
        for _ in demo.run_demo(demo_folder):
            pass
        pdfs = {
            file: _print_to_pdf(demo_folder / file, folder / str(number))
            for number, file in enumerate(dict.fromkeys(picture.file for picture in PICTURES))
        }
        for picture in PICTURES:
            path = HERE / "images" / f"{picture.name}.png"
            path.parent.mkdir(exist_ok=True)
            _make_picture(picture, pdfs[picture.file]).save(path, optimize=True)
            size = path.stat().st_size
            print(f"{path.name}: {size / 1024:.0f} KiB")
            if size > LARGEST:
                sys.exit(f"{path.name} is too large")


def _print_to_pdf(path: Path, folder: Path) -> Path:
    """Convert a file with LibreOffice; return the PDF."""
    folder.mkdir()
    fonts = folder / "fonts.conf"
    fonts.write_text(_build_font_configuration(), "utf-8")
    profile = (folder / "profile").as_uri()
    _run(
        [
            *("soffice", f"-env:UserInstallation={profile}", "--headless"),
            *("--convert-to", "pdf", "--outdir", str(folder), str(path)),
        ],
        {"FONTCONFIG_FILE": str(fonts)},
    )
    return folder / f"{path.stem}.pdf"


def _build_font_configuration() -> str:
    aliases = "".join(
        f'<alias binding="same"><family>{name}</family>'
        f"<accept><family>{replacement}</family></accept></alias>"
        for name, replacement in _FONTS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><include>/etc/fonts/fonts.conf</include>{aliases}</fontconfig>"
    )


def _make_picture(picture: Picture, pdf: Path) -> Image.Image:
    page_texts = _run(["pdftotext", str(pdf), "-"]).split("\f")
    numbers = [_find_page(text, page_texts, picture) for text in picture.pages]
    pages = [_crop(image, picture.top) for image in _render_pages(pdf, numbers)]
    combined = _combine(pages, side_by_side=picture.side_by_side)
    size = picture.width, round(combined.height * picture.width / combined.width)
    resized = combined.resize(size, Image.Resampling.LANCZOS)
    return resized.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def _find_page(text: str, page_texts: Sequence[str], picture: Picture) -> int:
    """Return the number, from 1, of the first page that contains ``text``; spaces do not count."""
    for number, page_text in enumerate(page_texts, 1):
        if text in re.sub(r"\s", "", page_text):
            return number
    raise LookupError(f"no page of {picture.file} contains {text}")


def _render_pages(pdf: Path, numbers: Sequence[int]) -> Iterator[Image.Image]:
    for number in numbers:
        target = pdf.with_name(f"page-{number}")
        page_range = ["-f", str(number), "-l", str(number), "-singlefile"]
        _run(["pdftoppm", "-r", str(DPI), "-png", *page_range, str(pdf), str(target)])
        with Image.open(target.with_suffix(".png")) as image:
            yield image.convert("RGB")


def _crop(image: Image.Image, top: float) -> Image.Image:
    """Remove the margins of a page, then all below the share ``top`` of the rest."""
    blank = Image.new("RGB", image.size, PAPER)
    body = image.crop((0, 0, image.width, round(image.height * _BODY)))
    box = ImageChops.difference(body, blank.crop((0, 0, *body.size))).getbbox()
    left, upper, right, lower = box or (0, 0, *body.size)
    lower = upper + round((lower - upper) * top)
    return image.crop((left - MARGIN, upper - MARGIN, right + MARGIN, lower + MARGIN))


def _combine(pages: Sequence[Image.Image], *, side_by_side: bool) -> Image.Image:
    widths, heights = [page.width for page in pages], [page.height for page in pages]
    size = (sum(widths), max(heights)) if side_by_side else (max(widths), sum(heights))
    combined = Image.new("RGB", size, PAPER)
    offset = 0
    for page in pages:
        combined.paste(page, (offset, 0) if side_by_side else (0, offset))
        offset += page.width if side_by_side else page.height
    return combined


def _run(command: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    """Run a program with additional environment variables; return what it prints."""
    environment = {**os.environ, **(variables or {})}
    process = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return process.stdout


if __name__ == "__main__":
    main()
