"""init as a clerk meets it: the preview, the dry run, and a revised plan."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.book import read_book
from ledgerbook.cli.app import main
from ledgerbook.cli.render_plan import format_difference, measure_width, pad_text, truncate_text
from tests.support.books import DONE, fill

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

Row = tuple[str, str, str]
PLAN: tuple[Row, ...] = (
    ("规范行政法规使用，统一参考行政法规库。", "各科室", ""),
    ("公开本部门年度预算，并在政府网站集中展示。", "财务科", "9月底前"),
    ("公开本部门年度决算，并在政府网站集中展示。", "财务科、法规科", ""),
    ("认真做好省长留言、人民网留言的答复工作。", "综合科牵头，各科室配合", ""),
)
REVISED: tuple[Row, ...] = (
    PLAN[3],
    ("公开本部门年度预算，并在政府网站统一展示。", "财务科", "10月底前"),
    ("开展政务公开业务培训。", "人事科", "年底前"),
    PLAN[0],
)


def write_plan(path: Path, rows: tuple[Row, ...], title: str = "某县某局2023年") -> Path:
    with path.open("w", encoding="gb18030", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow([f"{title}重点任务分工方案"])
        lines.writerow(["序号", "工作任务", "责任科室", "完成时限"])
        lines.writerows([n, *row] for n, row in enumerate(rows, 1))
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return int(str(caught.value.code)), said.out, said.err


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a plan and its revision, at a terminal of 80 places."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    write_plan(tmp_path / "方案.csv", PLAN)
    write_plan(tmp_path / "修订.csv", REVISED)
    return tmp_path


def names(folder: Path) -> list[str]:
    """List a folder, without the batch files beside a book."""
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".bat")


def started(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "init", "方案.csv")[0] == 0


UPDATE = ("init", "修订.csv", "--update", "--as-of", "2023-07-01")


def test_the_preview(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run shows each task with roles and limit, counts, questions; no file."""
    code, said, _ = run(capsys, "init", "方案.csv", "--dry-run")
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == ("某县某局2023年：读出 4 项任务，3 个科室（财务科、法规科、综合科）。")
    assert [line.rpartition("  ")[0].rstrip() for line in lines[3:7]] == [
        "1     全部 落实               -",
        "2     财务科 落实             9月底前",
        "3     财务科、法规科 落实     -",
        "4     综合科 牵头，全部 配合  -",
    ]
    assert lines[1] == "序号  责任单位                时限     工作要点、计划措施"
    assert lines[2] == "-" * 80
    assert lines[4].endswith("公开本部门年度预算，并在政府网站集中展..")
    assert lines[7].startswith("方案表格里有字的格子共 17 格：任务 13 格，")
    assert lines[8] == "有 2 件事需要确认，都列在台账的“待确认”表里："
    assert lines[9].startswith("  · 第 1、3、4 项完成期限：")
    assert lines[-1] == "这是试运行，没有写任何文件。"
    assert all(measure_width(line) <= 80 for line in lines[:7])
    assert names(office) == ["修订.csv", "方案.csv"]


def test_a_dry_run_of_an_update(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells what is added, dropped and changed, and leaves the book alone."""
    started(capsys)
    before = (office / "台账.xlsx").read_bytes()
    code, said, _ = run(capsys, *UPDATE, "--dry-run")
    assert code == 0
    for sentence in (
        "新方案与台账相比，新增 1 项，删去 1 项，修改 1 项，不变 2 项。\n",
        "修改  2     财务科 落实             10月底前  公开本部门年度预算，并在政府",
        "新增  3     人事科 落实             年底前    开展政务公开业务培训。\n",
        "新增的科室：人事科。\n",
        "新增 1 项：\n  第 3 项（T05）开展政务公开业务培训。\n",
        "删去 1 项（不再发给科室，也不计入汇总）：\n  原第 3 项（T03）公开",
        "修改 1 项：\n  第 2 项（T02）\n"
        "    计划措施：公开本部门年度预算，并在政府网站【集中→统一】展示。\n"
        "    时限：9月底前 → 10月底前\n",
        "序号变了 2 项（行码不变）：1→4、4→1。\n",
        "这是试运行，没有写任何文件。\n",
    ):
        assert sentence in said
    assert (office / "台账.xlsx").read_bytes() == before
    assert names(office) == ["修订.csv", "台账.xlsx", "方案.csv"]


def test_an_update_keeps_the_old_book(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The old book is kept beside the new one, and no copy is ever overwritten."""
    started(capsys)
    before = (office / "台账.xlsx").read_bytes()
    (office / "台账（更新前）.xlsx").write_bytes(b"mine")
    code, said, _ = run(capsys, *UPDATE)
    assert code == 0
    assert said.endswith("台账已更新：台账.xlsx\n更新前的台账另存为：台账（更新前2）.xlsx\n")
    assert (office / "台账（更新前）.xlsx").read_bytes() == b"mine"
    assert (office / "台账（更新前2）.xlsx").read_bytes() == before
    book = read_book(office / "台账.xlsx")
    assert [t.code for t in book.tasks] == ["T04", "T02", "T05", "T01"]
    sheet = load_workbook(office / "台账.xlsx")["修订记录"]
    assert [cell.value for cell in sheet[4]][1:] == [
        None, None, "新增", "科室", None, "人事科"
    ]  # fmt: skip
    assert {str(row[0].value)[:10] for row in sheet.iter_rows(min_row=4)} == {"2023-07-01"}


def test_an_update_that_changes_nothing(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same plan again writes nothing at all."""
    started(capsys)
    before = (office / "台账.xlsx").read_bytes()
    code, said, _ = run(capsys, "init", "方案.csv", "--update")
    assert code == 0
    assert said.startswith("某县某局2023年：新方案与台账相比，不变 4 项。\n")
    assert said.endswith("方案没有变化，台账没有动。\n")
    assert (office / "台账.xlsx").read_bytes() == before
    assert names(office) == ["修订.csv", "台账.xlsx", "方案.csv"]


def test_the_whole_year_with_a_revision(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Forms of before and after the revision are collected together, row by row."""
    started(capsys)
    day = ("--as-of", "2023-06-01")
    assert run(capsys, "generate", "台账.xlsx", *day)[0] == 0
    folder = office / "收回"
    folder.mkdir()
    old = (office / "发出" / "年度" / "财务科.xlsx").read_bytes()
    said_before = {
        code: {"status": "推进中", "result": f"{code}以前。"}
        for code in ("T01", "T02", "T03", "T04")
    }
    (folder / "旧.xlsx").write_bytes(fill(old, said_before))
    assert run(capsys, *UPDATE)[0] == 0
    words = ("collect", "台账.xlsx", "收回", "--as-of", "2023-12-20")
    _, said, _ = run(capsys, *words)
    assert "收到填写的单元格 8 个 = 汇入汇总 6 个" in said
    assert "列入问题清单 2 个，一个不少。" in said
    assert detail(office) == {
        ("财务科", "T01"): "T01以前。",
        ("财务科", "T02"): "T02以前。",
        ("财务科", "T04"): "T04以前。",
    }
    assert run(capsys, "generate", "台账.xlsx", "-o", "再发", *day)[0] == 0
    new = (office / "再发" / "年度" / "人事科.xlsx").read_bytes()
    (folder / "新.xlsx").write_bytes(fill(new, {"T05": {**DONE, "result": "办了。"}}))
    _, said, _ = run(capsys, *words)
    assert "一个不少。" in said
    assert detail(office)["人事科", "T05"] == "办了。"
    assert len(detail(office)) == 4


def detail(office: Path) -> dict[tuple[str, str], str]:
    """Return section and task code → 落实情况, from the summary."""
    sheet = load_workbook(office / "汇总" / "2023年度汇总.xlsx")["科室明细"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(row for row in rows if "行码" in row)
    at = {name: head.index(name) for name in ("行码", "落实情况", "科室")}
    return {
        (str(row[at["科室"]]), str(row[at["行码"]]).partition("-")[0]): str(row[at["落实情况"]])
        for row in rows[rows.index(head) + 1 :]
        if row[at["落实情况"]]
    }


def test_what_the_office_added_is_named(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns and sheets of the office's own are in the copy, which is said."""
    started(capsys)
    workbook = load_workbook("台账.xlsx")
    workbook["任务"].cell(3, 12, "我的记号")
    workbook.create_sheet("草稿")
    workbook.save("台账.xlsx")
    _, said, _ = run(capsys, *UPDATE)
    assert said.endswith(
        "提示：您自己加的工作表“草稿”、“任务”表的“我的记号”列没有带到新台账，在更新前的台账里。\n"
    )


@pytest.mark.parametrize(
    ("title", "options", "complaint"),
    [
        ("某县某局2024年", (), "  1. 年度：方案是“2024”，台账是“2023”。\n"),
        ("某市某委2023年", (), "  1. 机关名称：方案是“某市某委”，台账是“某县某局”。\n"),
        (
            "某县某局2023年",
            ("--office", "财务科"),
            "  1. 综合协调科室：方案是“财务科”，",
        ),
    ],
)
def test_a_plan_of_another_ledger(
    office: Path,
    capsys: pytest.CaptureFixture[str],
    title: str,
    options: tuple[str, ...],
    complaint: str,
) -> None:
    """A plan of another agency or year is refused in one message; nothing changes."""
    started(capsys)
    before = (office / "台账.xlsx").read_bytes()
    write_plan(office / "修订.csv", REVISED, title)
    code, said, error = run(capsys, *UPDATE, *options)
    assert (code, said) == (2, "")
    assert error.startswith("这份方案和台账对不上，台账没有动。")
    assert complaint in error
    assert (office / "台账.xlsx").read_bytes() == before


def test_a_plan_that_has_little_to_do_with_the_book(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where most tasks are gone, the office is told to look twice."""
    started(capsys)
    write_plan(office / "修订.csv", (PLAN[0], ("做好森林防火工作。", "综合科", "")))
    _, said, _ = run(capsys, *UPDATE, "--dry-run")
    assert "注意：台账原有的 4 项任务，大半（3 项）在新方案里找不到。" in said
    write_plan(office / "修订.csv", PLAN[:2])
    assert "注意：" not in run(capsys, *UPDATE, "--dry-run")[1]


def test_another_spelling_of_the_agency(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --agency as the book has it, a plan that spells it otherwise will do."""
    started(capsys)
    write_plan(office / "修订.csv", REVISED, "某县某局办公室2023年")
    assert run(capsys, *UPDATE)[0] == 2
    assert run(capsys, *UPDATE, "--agency", "某县某局")[0] == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--same", "1=T01"), "--same 和 --new 要与 --update 一起用"),
        (
            ("--update", "--same", "一"),
            "“--same”的写法不对：“一”看不懂，请写成 12=T09 的样子",
        ),
        (
            ("--update", "--new", "x"),
            "“--new”的写法不对：“x”不是序号，请写成 12 的样子",
        ),
        (("--update", "--new", "77"), "新方案没有第 77 项。"),
        (("--update", "-o", "没有.xlsx"), "找不到台账文件“没有.xlsx”。"),
    ],
)
@pytest.mark.usefixtures("office")
def test_a_wrong_word(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], complaint: str
) -> None:
    """What is called wrongly is told in Chinese, and nothing is done."""
    started(capsys)
    code, said, error = run(capsys, "init", "修订.csv", *words)
    assert (code, said) == (2, "")
    assert complaint in error


def test_the_office_settles_a_doubt(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--same on the book already updated joins the two again."""
    started(capsys)
    other = ("对省长留言、网民留言，要认真及时地答复和办理。", "综合科", "")
    write_plan(office / "修订.csv", (*PLAN[:3], other))
    _, said, _ = run(capsys, *UPDATE)
    assert "加上 --same 4=T04 再更新一次" in said
    assert run(capsys, *UPDATE, "--same", "4=T04")[0] == 0
    book = read_book(office / "台账.xlsx")
    assert [task.code for task in book.tasks] == ["T01", "T02", "T03", "T04"]
    assert [task.code for task in book.retired_tasks] == ["T05"]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("公开预算。", 10, "公开预算。"),
        ("公开预算。", 9, "公开预.."),
        ("a公开", 4, "a.."),
        ("两\n行\x1b[31m", 20, "两 行 [31m"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
    ],
)
def test_texts_fit_their_places(text: str, width: int, shown: str) -> None:
    """Chinese characters take two places; what moves the cursor takes none."""
    assert truncate_text(text, width) == shown
    assert measure_width(shown) <= width
    assert measure_width(pad_text(shown, width)) == width


def test_only_the_difference_is_shown() -> None:
    """Of a long text, what changed and a little around it."""
    old = "按时编制并发布政府信息公开工作年度报告，提高年报质量。"
    new = "规范编制并发布政府信息公开工作年度报告，提高年报质量和数据的准确性。"
    assert format_difference(old, new) == (
        "【按时→规范】编制并发布政府信..告，提高年报质量【＋→和数据的准确性】。"
    )
    assert format_difference(new, new[:-7]) == "..，提高年报质量和【数据的准确性。→删】"
