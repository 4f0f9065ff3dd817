"""The command line as a clerk meets it: Chinese throughout, exit codes that mean it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from tests.support.books import (
    DONE,
    FINANCE,
    INDUSTRY,
    OFFICE,
    SAVED_AT,
    fill,
    make_book,
)

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

EARLIER = SAVED_AT - timedelta(days=9)
PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.txt"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run a command; return exit code, what it printed, what it complained of."""
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return int(str(caught.value.code)), said.out, said.err


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book in it."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    return tmp_path


def send_back(office: Path, section: str) -> None:
    """Fill every row of a section's workbook and put it into 收回."""
    book = make_book()
    data = (office / "发出" / "年度" / f"{section}.xlsx").read_bytes()
    answers = {task.code: DONE for task in book.get_tasks(section)}
    (office / "收回").mkdir(exist_ok=True)
    (office / "收回" / f"{section}回复.xlsx").write_bytes(fill(data, answers))


def generated(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    words = ("generate", office / "台账.xlsx", "-o", office / "发出")
    assert run(capsys, *words, "--as-of", "2022-06-01")[0] == 0


def test_the_whole_job(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """init, generate and collect run one after the other on the real plan."""
    book, out = tmp_path / "台账.xlsx", tmp_path / "发出"
    code, said, _ = run(capsys, "init", PLAN, "-o", book)
    assert code == 0
    assert said.startswith(
        "中山市金融工作局2022年：读出 25 项任务，3 个科室（综合科、金融发展科、产业金融科）。\n"
    )
    code, said, _ = run(capsys, "generate", book, "-o", out)
    assert code == 0
    assert said.startswith("批次“年度”的表已生成，共 6 个文件：\n")
    words = ("collect", book, out, "-o", tmp_path / "汇总", "--as-of", "2022-12-20")
    code, said, _ = run(capsys, *words)
    assert code == 1  # nothing is filled in yet
    assert (tmp_path / "汇总" / "2022年度汇总.xlsx").exists()
    assert "一个不少" in said


def test_clean_returns_exit_zero(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """When everybody has answered everything well, the exit code is 0."""
    generated(capsys, office)
    for section in (OFFICE, FINANCE, INDUSTRY):
        send_back(office, section)
    words = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    code, said, _ = run(capsys, *words, "--as-of", "2022-12-20")
    assert (code, "未报送的科室：无。" in said) == (0, True)


def test_json_is_the_whole_report(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """--json prints one JSON document with every file, section and problem."""
    generated(capsys, office)
    send_back(office, OFFICE)
    words = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    code, said, _ = run(capsys, *words, "--as-of", "2022-12-20", "--json")
    data = json.loads(said)
    assert code == 1
    assert data["clean"] is False
    assert [(s["section"], s["standing"]) for s in data["sections"]] == [
        (OFFICE, "已报送"),
        (FINANCE, "未报送"),
        (INDUSTRY, "未报送"),
    ]
    assert [f["verdict"] for f in data["files"]] == ["接收"]
    assert data["conservation"] == {
        "found": 12,
        "in_summary": 12,
        "repeated": 0,
        "as_issued": 0,
        "unplanned": 0,
        "set_aside": 0,
        "earlier": 0,
        "held": 0,
        "not_ours": 0,
        "balanced": True,
    }
    names = ("2022年度汇总.xlsx", "看板.html")
    assert data["outputs"] == [str(office / "汇总" / name) for name in names]


def test_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """--dry-run tells the same and leaves the disk alone."""
    generated(capsys, office)
    send_back(office, OFFICE)
    words = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    code, said, _ = run(capsys, *words, "--dry-run")
    assert code == 1
    assert said.endswith("这是试运行，没有写任何文件。\n")
    assert not (office / "汇总").exists()


def test_same_inputs_same_bytes(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """Two runs, with the files named in another order, write the same summary."""
    generated(capsys, office)
    for section in (OFFICE, FINANCE):
        send_back(office, section)
    files = sorted((office / "收回").iterdir())
    made = []
    for n, order in enumerate((files, files[::-1])):
        words = ("collect", office / "台账.xlsx", *order, "-o", office / str(n))
        run(capsys, *words, "--as-of", "2022-12-20")
        made.append((office / str(n) / "2022年度汇总.xlsx").read_bytes())
    assert made[0] == made[1]


def test_init_says_where_every_cell_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of another agency's plan: columns chosen, cells counted, notes kept."""
    plan = tmp_path / "方案.csv"
    plan.write_text(
        "某县某局2023年重点任务分工表\n"
        "序号,工作任务,市里落实单位,局内负责科室,备注\n"
        "1,1.公开预算；2.公开决算。,市某局,财务科,重要\n",
        "gb18030",
    )
    book = tmp_path / "台账.xlsx"
    options = ("--office", "财务科", "--units-column", "局内负责科室", "--split-items")
    code, said, _ = run(capsys, "init", plan, "-o", book, *options)
    assert code == 0
    assert (
        "方案表格里有字的格子共 10 格：任务 3 格，标题 0 格，表头 5 格，备注 2 格，待确认 0 格。"
    ) in said
    tasks = read_book(book).tasks
    assert [(task.measure, task.units) for task in tasks] == [
        ("公开预算；", "财务科"),
        ("公开决算。", "财务科"),
    ]
    assert {task.note for task in tasks} == {"市里落实单位：市某局\n备注：重要"}


def test_init_never_overwrites_a_book(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """A book that is there already holds the office's work and stays."""
    before = (office / "台账.xlsx").read_bytes()
    code, _, error = run(capsys, "init", PLAN, "-o", office / "台账.xlsx")
    assert (code, (office / "台账.xlsx").read_bytes()) == (2, before)
    assert error == (
        f"“{office / '台账.xlsx'}”已经存在，里面可能有您改过的内容，没有覆盖。"
        "要用修订后的方案更新它，请加上 --update；"
        "要另建一本，请换一个文件名（-o），或先把旧台账移走。\n"
    )


def test_init_refuses_what_the_program_has_made(
    capsys: pytest.CaptureFixture[str], office: Path, tmp_path: Path
) -> None:
    """Also for an update, and when the book was saved by a program that drops keywords."""
    generated(capsys, office)
    book = load_workbook(office / "台账.xlsx")
    book.properties.keywords = ""
    book.save(tmp_path / "另存.xlsx")
    master = next(path for path in office.rglob("*.xlsx") if "总台账" in path.name)
    for path, kind in (
        (office / "台账.xlsx", "台账"),
        (tmp_path / "另存.xlsx", "台账"),
        (master, "总台账"),
    ):
        code, _, error = run(capsys, "init", path, "-o", tmp_path / "新.xlsx")
        assert (code, (tmp_path / "新.xlsx").exists()) == (2, False)
        assert error == (
            f"“{path.name}”是本工具做的{kind}，不是分工方案。方案修订了，请用修订后的方案文件。\n"
        )


def test_init_says_first_that_a_table_has_no_header(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """And takes numbers of identity cards for no measures."""
    texts = tmp_path / "表.xlsx"
    save_rows(texts, [("财务科", "公开预算和决算的全部内容"), ("人事科", "公开招录的全部信息")])
    code, _, error = run(capsys, "init", texts, "-o", tmp_path / "新.xlsx")
    assert code == 2
    lines = error.splitlines()
    assert "方案的表格没有表头" in lines[1]
    assert "请先核对这是不是分工方案" in lines[1]
    assert "--agency" in lines[2]
    numbers = tmp_path / "名册.xlsx"
    save_rows(numbers, [("财务科", "440102198001011234"), ("人事科", "44010219800101123X")])
    options = ("--agency", "某局", "--year", "2022", "--office", "财务科")
    code, _, error = run(capsys, "init", numbers, *options, "-o", tmp_path / "新.xlsx")
    assert code == 2
    assert "没有找到分工方案" in error


def save_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)


def test_a_deadline_that_is_past_is_pointed_out(
    capsys: pytest.CaptureFixture[str], office: Path
) -> None:
    """Nobody can report by a day before the forms were issued."""
    workbook = load_workbook(office / "台账.xlsx")
    sheet = workbook["批次"]
    (header,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "报送截止日期"]
    sheet.cell(header.row + 1, header.column).value = date(2022, 5, 31)
    workbook.save(office / "台账.xlsx")
    words = ("generate", office / "台账.xlsx", "-o", office / "发出", "--as-of")
    _, said, _ = run(capsys, *words, "2022-06-01")
    assert "“年度”的报送截止日期 2022-05-31 在生成日期 2022-06-01 以前，已经过了" in said
    _, said, _ = run(capsys, *words, "2022-05-31")
    assert "已经过了" not in said


def test_generate_never_overwrites_filled_workbooks(
    capsys: pytest.CaptureFixture[str], office: Path
) -> None:
    """A workbook that somebody has saved in the meantime stops the whole round."""
    generated(capsys, office)
    filled = office / "发出" / "年度" / "综合科.xlsx"
    filled.write_bytes(fill(filled.read_bytes(), {"T01": DONE}))
    before = filled.read_bytes()
    words = ("generate", office / "台账.xlsx", "-o", office / "发出")
    code, _, error = run(capsys, *words)
    assert (code, filled.read_bytes()) == (2, before)
    assert "“综合科.xlsx”已经有人打开保存过" in error


def test_generate_says_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A section without tasks, a task without sections, a round without date."""
    import dataclasses

    from ledgerbook.model import AssignmentOverride, Round, Section

    book = make_book()
    nobody = tuple(AssignmentOverride(section, ()) for section in book.section_names)
    first, *rest = book.tasks
    changed = make_book(
        sections=(*book.sections, Section("工会")),
        rounds=(Round("年度"),),
        tasks=(
            dataclasses.replace(first, assignment_overrides=nobody, units=""),
            *(dataclasses.replace(t, units="综合科", assignment_overrides=()) for t in rest),
        ),
    )
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(changed))
    code, said, _ = run(capsys, "generate", path, "-o", tmp_path / "发出")
    assert code == 0
    assert "提示：台账“批次”表没有填报送截止日期，表上写的是“另行通知”。" in said
    assert "提示：金融发展科、产业金融科、工会没有任务，没有生成表。" in said
    assert "提示：第 1 项没有责任科室，请在台账“分工”表中指定。" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["colect"],
            "没有“colect”这个命令，可用的有：init、generate、collect、remind、report、rollup、check、diagnose、demo。"
            "用法请看：ledgerbook --help\n",
        ),
        (["init"], "命令没有写完，还缺“分工方案”。用法请看：ledgerbook init --help\n"),
        (
            ["collect", "a.xlsx", "b", "--as-of", "去年"],
            "“--as-of”的写法不对：“去年”不是能确定的日期，"
            "请写出年月日，像 2022-12-31 或 2022年12月31日。"
            "用法请看：ledgerbook collect --help\n",
        ),
        (
            ["init", "a.docx", "--year", "22"],
            "“--year”的写法不对：“22”不是年份，请写成 2022 的样子。"
            "用法请看：ledgerbook init --help\n",
        ),
        (
            ["generate", "a.xlsx", "--fast"],
            "没有“--fast”这个选项。用法请看：ledgerbook generate --help\n",
        ),
        (
            ["init", "方案.docx", "台账.xlsx", "旧.xlsx"],
            "多写了“台账.xlsx”“旧.xlsx”。用法请看：ledgerbook init --help\n",
        ),
        (["generate", "a.xlsx", "b"], None),
        (["collect", "没有.xlsx", "b"], None),
        (["init", "没有.docx"], None),
    ],
)
def test_wrong_calls_get_one_chinese_sentence(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str | None,
) -> None:
    """A mistyped call exits with 2 and says in Chinese what to do."""
    monkeypatch.chdir(tmp_path)
    code, out, error = run(capsys, *words)
    assert (code, out) == (2, "")
    assert said is None or error == said
    assert any("\u4e00" <= c <= "\u9fff" for c in error)
    assert "Traceback" not in error


@pytest.mark.parametrize("command", ["", "init", "generate", "collect", "rollup", "demo"])
def test_help_is_chinese_with_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Every help page is in Chinese, and every command's has an example."""
    code, said, _ = run(capsys, *([command] if command else []), "--help")
    assert code == 0
    for english in ("Usage", "Options", "Commands", "Show this", "Arguments", "[ARGS]"):
        assert english not in said
    assert "用法：" in said
    assert not command or f"例：ledgerbook {command}" in said


def test_unknown_round(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """A round that the book does not know is told with those it knows."""
    words = ("generate", office / "台账.xlsx", "--round", "第三季度")
    code, _, error = run(capsys, *words)
    assert code == 2
    assert error == (
        "台账的“批次”表中没有“第三季度”。现有批次：年度。请改用其中一个，或先在“批次”表中补上。\n"
    )


def test_a_bug_shows_a_traceback_only_under_debug(
    capsys: pytest.CaptureFixture[str],
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error of ours ends in one sentence; --debug adds the details."""
    from ledgerbook import commands

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(commands, "generate", broken)
    monkeypatch.chdir(office)
    words = ("generate", office / "台账.xlsx")
    code, _, error = run(capsys, *words)
    assert (code, error.count("\n")) == (2, 1)
    assert "程序内部出错" in error
    code, _, error = run(capsys, *words, "--debug")
    assert "Traceback" in error
    code, _, error = run(capsys, "--debug", *words)
    assert (code, "Traceback" in error) == (2, True)


def test_a_path_that_no_disk_takes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the system says of a path is no fault of the program's."""
    long = tmp_path / f"{'长' * 120}.xlsx"
    code, _, error = run(capsys, "init", PLAN, "-o", long)
    assert (code, error) == (
        2,
        f"“{long}”用不了（文件名或文件夹的路径太长），没有完成。"
        "请核对这个文件或文件夹后再运行一次。\n",
    )


def test_runs_as_a_module() -> None:
    """``python -m ledgerbook`` is the same program."""
    done = subprocess.run(
        [sys.executable, "-m", "ledgerbook", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("ledgerbook ")


def test_a_later_round_is_prefilled(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """With --from, what came back stands in the next round's sheets."""
    generated(capsys, office)
    send_back(office, OFFICE)
    words = ("generate", office / "台账.xlsx", "-o", office / "再发")
    code, *_ = run(capsys, *words, "--from", office / "收回")
    assert code == 0
    sheet = load_workbook(office / "再发" / "年度" / "综合科.xlsx").worksheets[0]
    said = {str(c.value) for row in sheet.iter_rows(min_row=6) for c in row}
    assert {"已完成", "已经办好。", "2022-09-30 00:00:00"} <= said
    sheet = load_workbook(office / "再发" / "年度" / "产业金融科.xlsx").worksheets[0]
    assert "已完成" not in {str(c.value) for row in sheet.iter_rows() for c in row}


def test_corrections_come_and_go(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """退回修改 holds what is wrong now: settled ones go, opened ones are left alone."""
    generated(capsys, office)
    send_back(office, OFFICE)
    back = office / "收回" / "综合科回复.xlsx"
    good = back.read_bytes()
    back.write_bytes(fill(good, {"T01": {"status": "差不多"}}))
    words = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    _, said, _ = run(capsys, *words, "--as-of", "2022-12-20")
    sent = office / "汇总" / "退回修改" / "综合科.xlsx"
    assert said.endswith(f"请打开\uff1a{sent}\n")
    workbook = load_workbook(sent)
    workbook.properties.lastModifiedBy = "李某"
    workbook.save(office / "已打开.xlsx")
    opened = (office / "已打开.xlsx").read_bytes()
    back.write_bytes(good)
    run(capsys, *words, "--as-of", "2022-12-20")
    assert not sent.exists()
    sent.write_bytes(opened)
    _, said, _ = run(capsys, *words, "--as-of", "2022-12-20")
    assert f"“{sent}”已经有人打开保存过，没有更新。" in said
    assert sent.read_bytes() == opened


def find_result_conflict(said: str) -> dict[str, str]:
    """Return the conflict over 落实情况: the preferred row stands whole, so others differ too."""
    conflicts: list[dict[str, str]] = json.loads(said)["conflicts"]
    return next(one for one in conflicts if one["column"] == "落实情况")


def test_the_office_may_prefer_a_file(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """--prefer takes a path or a name; one that was not read stops the run."""
    generated(capsys, office)
    send_back(office, OFFICE)
    newer = office / "收回" / "综合科回复.xlsx"
    older = office / "收回" / "初稿.xlsx"
    sent = (office / "发出" / "年度" / "综合科.xlsx").read_bytes()
    older.write_bytes(fill(sent, {"T01": {"result": "初稿。"}}, EARLIER))
    words = ("collect", office / "台账.xlsx", office / "收回", "-o", office / "汇总")
    for prefer in (older, "初稿.xlsx"):
        _, said, _ = run(capsys, *words, "--json", "--prefer", prefer)
        conflict = find_result_conflict(said)
        assert conflict["taken"] == "初稿。"
        assert newer.name in conflict["set_aside_from"]
    with zipfile.ZipFile(office / "收回" / "初稿.zip", "w") as archive:
        archive.write(older, "初稿.xlsx")
    older.unlink()
    # A link to itself stands in nobody's way.
    (office / "收回" / "loop").symlink_to("loop")
    _, said, _ = run(capsys, *words, "--json", "--prefer", "初稿.zip")
    conflict = find_result_conflict(said)
    assert conflict["taken"] == "初稿。"
    code, _, said = run(capsys, *words, "--prefer", "没有.xlsx")
    assert code == 2
    assert said.startswith("要优先采用的文件“没有.xlsx”不在这次读的文件里。")


def test_an_output_is_called_what_it_is(capsys: pytest.CaptureFixture[str], office: Path) -> None:
    """Excel and Word refuse a file whose suffix says something else."""
    plan = office / "方案.txt"
    plan.write_text("", "utf-8")
    code, _, said = run(capsys, "init", plan, "-o", office / "台账.xls")
    assert (code, said) == (
        2,
        "台账要存成 .xlsx 格式，“台账.xls”不行。请把文件名改成“台账.xlsx”。\n",
    )
    words = ("report", office / "台账.xlsx", office, "-o", office / "年报.xlsx")
    code, _, said = run(capsys, *words)
    assert (code, "请把文件名改成“年报.docx”。" in said) == (2, True)


def test_nothing_to_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Silence would be taken for praise."""
    code, _, said = run(capsys, "check", tmp_path)
    assert (code, "里没有文件，没有可检查的表" in said) == (2, True)
