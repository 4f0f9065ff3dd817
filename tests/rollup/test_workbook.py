"""The workbook of a roll-up, read back by two readers, and the command for it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from ledgerbook import commands
from ledgerbook.cli.app import main
from ledgerbook.errors import InputError
from ledgerbook.export import SCHEMA, ExportType
from ledgerbook.rollup import Rollup, write_rollup
from tests.support.books import AS_OF
from tests.support.printed_pages import compute_printed_scale, list_page_widths
from tests.support.rollups import (
    CIVIL,
    EDU,
    FACTS,
    ROWS,
    change_summary,
    make_summary,
    make_three_summaries,
    roll_up_files,
    type_value,
)
from tests.support.summary_reading import calamine_grid, openpyxl_grid, read_table

# They read whole roll-ups again by other programs.
pytestmark = pytest.mark.slow

DETAIL = "各单位明细"
PARTS = [DETAIL, f"{DETAIL}(2)"]
HOSTILE = "=cmd|' /C calc'!A0"


def county() -> Rollup:
    """Roll up three bureaus of which one says something hostile, and a bad file."""
    hostile = change_summary(make_summary("市司法局", "d1"), type_value("备注", f"'{HOSTILE}"))
    files = {**make_three_summaries(), "4.xlsx": hostile, "坏.xlsx": b"PK"}
    return roll_up_files(files, date(2022, 12, 28), name="东区", expected=("市审计局",))


@pytest.fixture(scope="module")
def made() -> Rollup:
    return county()


@pytest.fixture(scope="module")
def data(made: Rollup) -> bytes:
    return write_rollup(made)


@pytest.fixture(scope="module")
def split(made: Rollup) -> bytes:
    return write_rollup(made, max_rows=30)


def test_sheets_stand_in_order_and_the_facts_are_out_of_sight(data: bytes) -> None:
    """Overview first, evidence last; the sheet for programs is very hidden."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    seen = ["总览", "分科室", "未报送", "逾期清单", "问题清单", DETAIL, "文件清单"]
    assert book.sheetnames == [*seen, FACTS]
    cells = [cell for row in book["总览"].iter_rows() for cell in row if cell.hyperlink]
    targets = [cell.hyperlink.location for cell in cells]
    assert {f"'{name}'!A1" for name in seen[1:]} <= set(targets)
    assert len({book[name].sheet_properties.tabColor.rgb for name in seen}) == 3
    assert book[FACTS].sheet_state == "veryHidden"


@pytest.mark.parametrize("read", [openpyxl_grid, calamine_grid])
def test_the_detail_is_the_schema_filled_with_every_row(
    made: Rollup, data: bytes, read: object
) -> None:
    """Two independent readers see every value of every row, dates as dates.

    Telephone numbers are personal data, which nobody has asked for.
    """
    columns = [spec for spec in SCHEMA if spec.key != "phone"]
    rows = read_table(read(data, DETAIL), "单位")  # type: ignore[operator]
    assert [list(row) for row in rows[:1]] == [[spec.header for spec in columns]]
    assert len(rows) == made.merged_row_count == 4 * ROWS
    for row, line in zip(made.rows, rows, strict=True):
        for spec in columns:
            value = line[spec.header]
            if isinstance(value, datetime):
                value = value.date()
            wanted = row.get_value(spec.key)
            if spec.type is ExportType.NUMBER and value not in (None, ""):
                value = int(str(value).removesuffix(".0"))
            assert (value or None) == (wanted or None)


def test_text_is_never_a_formula(data: bytes) -> None:
    """What a bureau wrote arrives as text."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [c for row in book[DETAIL].iter_rows() for c in row if c.value is not None]
    assert any(HOSTILE in str(cell.value) for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def counted(rows: list[dict[str, object]], **where: object) -> int:
    return sum(all(row[k] == v for k, v in where.items()) for row in rows)


def check_figures(data: bytes, parts: list[str]) -> None:
    """Count the detail again: every figure of both sheets is what it comes to."""
    rows = [r for part in parts for r in read_table(calamine_grid(data, part), "单位")]
    overview = openpyxl_grid(data, "总览")
    head = next(n for n, row in enumerate(overview) if row[0] == "单位")
    lines = {
        str(row[0]): dict(zip(map(str, overview[head]), row, strict=True))
        for row in overview[head + 1 :]
        # The index of the sheets stands below.
        if isinstance(row[3], int)
    }
    assert set(lines) == {*(str(r["单位"]) for r in rows), "合计"}
    for unit, line in lines.items():
        own = [r for r in rows if unit in ("合计", r["单位"])]
        assert line["科室任务数"] == len(own)
        for kind in ("未开始", "进行中", "已完成", "长期", "不涉及", "未填", "未报送"):
            assert line[kind] == counted(own, 状态归类=kind), (unit, kind)
        for urgent in ("逾期", "临期"):
            assert line[urgent] == counted(own, 判定=urgent)
        exempt = counted(own, 状态归类="不涉及")
        done = counted(own, 状态归类="已完成")
        assert line["完成率"] == pytest.approx(done / (len(own) - exempt))
    pairs = Counter((row["单位"], row["科室"]) for row in rows)
    below = {
        (line["单位"], line["科室"]): line["科室任务数"]
        for line in read_table(openpyxl_grid(data, "分科室"), "单位")
        if not str(line["科室"]).startswith("共 ")
    }
    assert below == pairs


def test_every_figure_is_a_formula_that_comes_to_what_is_written(data: bytes) -> None:
    """Values are those of a count by hand; the cells hold formulas."""
    check_figures(data, [DETAIL])
    formulas = openpyxl_grid(data, "总览", formulas=True)
    line = next(row for row in formulas if row[0] == "市教育局")
    assert sum(str(cell).startswith("=") for cell in line) >= 10


def test_a_long_detail_goes_on_and_is_counted_whole(made: Rollup, split: bytes) -> None:
    """Split after 30 rows, all formulas name both sheets and count both."""
    rows = [r for part in PARTS for r in read_table(calamine_grid(split, part), "单位")]
    assert len(rows) == made.merged_row_count == 48
    assert "分成 2 张，这是第 2 张，有 18 行" in str(openpyxl_grid(split, PARTS[1])[1][0])
    check_figures(split, PARTS)
    for sheet in ("总览", "分科室"):
        cells = [c for row in openpyxl_grid(split, sheet, formulas=True) for c in row]
        counting = [str(cell) for cell in cells if f"'{DETAIL}'" in str(cell)]
        assert counting
        assert all(f"'{part}'!" in one for one in counting for part in PARTS)


def test_a_split_roll_up_is_read_one_level_up(split: bytes, data: bytes) -> None:
    """Nothing of the second sheet is lost on the way up."""
    up, whole = roll_up_files({"东区.xlsx": split}), roll_up_files({"东区.xlsx": data})
    assert up.problems == ()
    assert [r.with_values(place="").values for r in up.rows] == [
        r.with_values(place="").values for r in whole.rows
    ]


def test_every_sheet_prints_on_a4_with_its_header(data: bytes) -> None:
    """A4 landscape, one page wide, header repeated and in sight."""
    for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
        if sheet.sheet_state == "visible":
            setup = sheet.page_setup
            assert (int(setup.paperSize), setup.orientation) == (9, "landscape")
            assert len(list_page_widths(sheet)) == 1
            assert compute_printed_scale(sheet) > 0.5
            assert sheet.print_title_rows
            assert sheet.freeze_panes
            area = sheet.print_area.rpartition("!")[2].replace("$", "")
            last = range_boundaries(area)[2] if area else sheet.max_column
            sizes = {
                n: size.width
                for size in sheet.column_dimensions.values()
                for n in range(size.min, size.max + 1)
            }
            width = sum(sizes[n] * 7 * 0.75 for n in range(1, last + 1))
            smallest = min(c.font.size for row in sheet.iter_rows() for c in row if c.value)
            assert smallest * min(1, (297 / 25.4 - 1) * 72 / width) >= 8, sheet.title


def test_units_are_ranked_by_their_rates(data: bytes) -> None:
    """Equal rates share a rank, and the next one is left out; a formula says the same."""
    lines = read_table(openpyxl_grid(data, "总览"), "单位")
    ranked = [line for line in lines if line["汇总日期"]]
    assert len({line["完成率"] for line in ranked}) < len(ranked)
    for line in ranked:
        higher = sum(other["完成率"] > line["完成率"] for other in ranked)  # type: ignore[operator]
        assert line["排名"] == 1 + higher
    assert [line["排名"] for line in lines if not line["汇总日期"]] == [None] * (
        len(lines) - len(ranked)
    )
    formulas = read_table(openpyxl_grid(data, "总览", formulas=True), "单位")
    assert str(formulas[0]["排名"]).startswith("=IF(ISNUMBER(")


def test_rates_are_drawn_and_lists_without_lines_left_out() -> None:
    """The overview says so of them."""
    files = {"1.xlsx": make_summary(EDU), "2.xlsx": make_summary(CIVIL, "c1")}
    data = write_rollup(roll_up_files(files))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert "问题清单" not in book.sheetnames
    texts = [cell.value for row in book["总览"].iter_rows() for cell in row]
    assert "问题清单：无" in texts
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert len([name for name in parts.namelist() if "charts/chart" in name]) == 1


def test_drill_down_leads_from_unit_to_its_sections(made: Rollup, data: bytes) -> None:
    """A unit's name on 总览 links to its line on 分科室, sections folded in below."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sections = book["分科室"]
    for row in book["总览"].iter_rows(min_row=5, max_row=4 + len(made.units)):
        goal = row[0].hyperlink.location.rpartition("!")[2]
        assert sections[goal].value == row[0].value
        below = sections[goal].row + 1
        assert sections.row_dimensions[below].outlineLevel == 1
        assert sections.cell(below, 1).value == row[0].value


def test_who_is_missing_and_what_is_wrong_is_listed(made: Rollup, data: bytes) -> None:
    """Every missing unit and section, every problem, every file has its line."""
    missing = read_table(openpyxl_grid(data, "未报送"), "序号")
    assert [(m["单位"], m["科室"]) for m in missing] == [
        (m.unit, m.section or "（整个单位）") for m in made.missing
    ]
    problems = read_table(openpyxl_grid(data, "问题清单"), "序号")
    assert [(p["文件"], p["级别"]) for p in problems] == [
        (p.place.file, str(p.severity)) for p in made.problems
    ]
    files = read_table(openpyxl_grid(data, "文件清单"), "序号")
    assert {f["文件"]: f["SHA-256"] for f in files} == {f.name: f.sha256 for f in made.files}
    late = read_table(openpyxl_grid(data, "逾期清单"), "序号")
    assert len(late) == sum(row.urgency == "逾期" for row in made.rows) > 0


# -- the command ----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "各局").mkdir()
    for name, content in make_three_summaries().items():
        (tmp_path / "各局" / name).write_bytes(content)
    (tmp_path / "名单.txt").write_text("市教育局\n市审计局\n", "utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["rollup", *map(str, words), "--as-of", "2022-12-28"])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_command_merges_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run into the folder of the first's results gives the same bytes."""
    words = (
        folder / "各局",
        "-o",
        folder / "各局",
        "--name",
        "东区",
        "--export",
        "csv",
    )
    seen: list[list[bytes]] = []
    for _ in range(2):
        code, said, error = run(capsys, *words, "--expect", folder / "名单.txt")
        assert (code, error) == (1, "")
        assert "没有报来的单位（1 个）：市审计局。" in said
        assert "一行不少" in said
        outputs = sorted((folder / "各局").glob("东区2022年度汇总（合并）*/*"))
        workbook = folder / "各局" / "东区2022年度汇总（合并）.xlsx"
        seen.append([path.read_bytes() for path in (workbook, *outputs)])
    assert seen[0] == seen[1]
    assert [path.name for path in outputs] == [
        *("datapackage.json", "files.csv", "missing.csv", "problems.csv"),
        *("sections.csv", "tasks.csv", "units.csv"),
    ]
    text = seen[0][6].decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 1 + 3 * ROWS


def test_json_and_dry_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is the whole report, --dry-run leaves the disk alone."""
    words = (folder / "各局", "-o", folder / "市", "--dry-run")
    code, said, _ = run(capsys, *words, "--json")
    told = json.loads(said)
    assert code == 1  # sections are missing
    assert [unit["path"] for unit in told["units"]] == sorted(
        unit["path"] for unit in told["units"]
    )
    assert told["conservation"]["balanced"]
    assert not (folder / "市").exists()


def test_files_in_any_order_give_the_same_bytes(folder: Path) -> None:
    """Named one by one, forwards or backwards."""
    files = sorted((folder / "各局").iterdir())
    made = [
        commands.roll_up(order, folder / f"出{n}", as_of=AS_OF).outputs[0].read_bytes()
        for n, order in enumerate((files, files[::-1]))
    ]
    assert made[0] == made[1]


def test_nothing_to_roll_up_is_one_sentence(tmp_path: Path) -> None:
    """A folder without a summary writes nothing and says why."""
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="没有一份可以并入的年度汇总"):
        commands.roll_up([tmp_path], tmp_path / "出", as_of=AS_OF)
    assert not (tmp_path / "出").exists()
