"""报送情况: every section's standing, every file once, and the count of answers."""

from __future__ import annotations

from ledgerbook.ledger import (
    FileReport,
    Ledger,
    SectionReport,
    Standing,
    Tally,
)
from ledgerbook.summary.cells import Tint, tint_of_file
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field, draw_table
from ledgerbook.text import chinese_date

SHEET = "报送情况"
# The headers by which the table of files is found again.
FILE, DIGEST = "文件", "SHA-256"

_STANDING_TINTS = {
    Standing.MISSING: Tint.RED,
    Standing.LATE: Tint.AMBER,
    Standing.NOTHING: Tint.AMBER,
    Standing.HELD: Tint.RED,
}

# Both tables stand on one grid of columns.
_SECTIONS: tuple[Field[SectionReport], ...] = (
    Field("科室", 26, lambda s: s.section),
    Field(
        "报送状态",
        13,
        lambda s: s.standing.value,
        "center",
        lambda s: _STANDING_TINTS.get(s.standing, Tint.NONE),
    ),
    Field("应报日期", 13, lambda s: s.due, "center"),
    Field("最新保存时间", 18.5, lambda s: s.saved_at, "center"),
    Field("任务数", 18.5, lambda s: s.rows, "center"),
    Field("已填报任务数", 10, lambda s: s.filled, "center"),
    Field("须处理问题数", 9, lambda s: s.problems, "center"),
    Field("来源文件", 26, lambda s: "\n".join(s.files), span=2),
)

_FILES: tuple[Field[FileReport], ...] = (
    Field(FILE, 26, lambda f: f.name),
    Field("处理结果", 13, lambda f: f.verdict.value, "center", tint_of_file),
    Field("科室", 13, lambda f: "、".join(f.sections), "center"),
    Field("批次", 18.5, lambda f: f.round, "center"),
    Field("保存时间", 18.5, lambda f: f.saved_at, "center"),
    Field("大小（字节）", 13.5, lambda f: f.size, "center"),
    Field("填报单元格数", 9, lambda f: f.cells, "center"),
    Field("说明", 26, lambda f: f.note),
    Field(DIGEST, 32, lambda f: f.sha256),
)

_STANDING_COLUMN = 1


def draw_submissions(canvas: Canvas, ledger: Ledger) -> str:
    """Draw who returned what; return the cells of the standings, for formulas."""
    canvas.columns([field.width for field in _FILES])
    canvas.title(SHEET)
    canvas.note(f"汇总日期：{chinese_date(ledger.as_of)}", align="right")
    frozen = canvas.row
    canvas.heading("一、各科室报送情况")
    area = draw_table(canvas, _SECTIONS, ledger.sections, empty="台账中没有科室。")
    files = canvas.row
    canvas.heading(f"二、收到的文件（共 {len(ledger.files)} 个）")
    head = canvas.row
    draw_table(canvas, _FILES, ledger.files, empty="没有收到任何文件。")
    canvas.heading("三、填报内容核对")
    canvas.note(_tally(ledger.tally))
    # Only the table of files grows long: its header is the one said on later pages.
    if sum(canvas.heights) > canvas.page_height:
        canvas.turn_pages([files])
    canvas.frame(head_row=head, frozen=frozen)
    return area.column(_STANDING_COLUMN)


def _tally(tally: Tally) -> str:
    """Say where every answer cell of every file went, and whether the count is even."""
    earlier = (
        f"以前批次的旧内容（见“历次填报”）{tally.earlier} 个，" if tally.earlier else ""
    )
    end = (
        "两者一致。"
        if tally.balanced
        else "两者不一致，汇总可能有遗漏，请勿使用本汇总，并联系维护人员。"
    )
    return (
        f"所有文件中共有填报单元格 {tally.found} 个。其中：汇入 {tally.kept} 个，"
        f"与已汇入内容相同 {tally.repeated} 个，"
        f"因冲突未采用（见“冲突”）{tally.aside} 个，"
        f"{earlier}列入“问题清单”待处理 {tally.held} 个，"
        f"合计 {tally.accounted} 个，{end}"
    )
