"""A bug of ours, planted for real: what a clerk sees, and what the maintainers are sent."""

from __future__ import annotations

import getpass
import io
import json
import platform
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.book import build_book_bytes
from tests.support.books import DONE, FINANCE, KEY, OFFICE, SECTIONS, fill, issued
from tests.support.books import make_book as make_test_book
from tests.support.planted_bugs import (
    FAIL_AFTER_SUMMARY,
    FAIL_IN_MERGE,
    FAIL_IN_READER,
    FAIL_IN_ROLLUP,
    FAIL_IN_SCANNER,
    FAIL_ON_ALL,
    Program,
    fail_on,
    plant,
)

# A copy of the program, and processes of their own.
pytestmark = pytest.mark.slow

SECRET = "张三丰的住址"  # noqa: S105
PASSWORD = "开门口令"  # noqa: S105
COLLECT = ("collect", "台账.xlsx", "收回", "--as-of", "2022-12-20")
USER = "zhangsanfeng"

Plant = Callable[[tuple[str, str, str]], Program]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book and the returns of all sections; one has a private text."""
    book = make_test_book()
    folder = tmp_path / f"{USER}的文件夹"
    (folder / "收回").mkdir(parents=True)
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    for section in SECTIONS:
        answers = {task.code: dict(DONE) for task in book.get_tasks(section)}
        if section == FINANCE:
            answers["T01"]["note"] = SECRET
        data = fill(issued(book, section), answers)
        (folder / "收回" / f"{section}李某.xlsx").write_bytes(data)
    return folder


@pytest.fixture
def planted(tmp_path: Path, office: Path) -> Plant:
    return lambda bug: plant(tmp_path / "copy", office, bug)


def outputs(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_one_failure_leaves_the_others_and_blames_nobody(office: Path, planted: Plant) -> None:
    """The summary is written; the section is not pushed, corrected, or said to be overdue."""
    done = planted(fail_on(SECRET)).run(*COLLECT)
    assert done.returncode == 1
    assert "3 个科室中有 2 个已报送" in done.stdout
    assert "未报送的科室：无。" in done.stdout
    assert f"程序没能读的科室（不是表的问题，先不要催）：{FINANCE}。" in done.stdout
    assert "程序有错，不是表的问题：有 1 个文件程序没能读，其余的已经汇总：" in done.stdout
    assert "须处理的问题 1 个（其中 1 个是上面的程序出错）" in done.stdout
    assert "ledgerbook diagnose 台账.xlsx 收回" in done.stdout
    assert "不要让科室重新报送" in done.stdout
    assert "读不出来" not in done.stdout
    assert "一个不少" in done.stdout
    assert (done.stderr, "Traceback" in done.stdout) == ("", False)
    assert not (office / "汇总" / "退回修改" / f"{FINANCE}.xlsx").exists()
    workbook = load_workbook(office / "汇总" / "2022年度汇总.xlsx")
    rows = [[cell.value for cell in row] for row in workbook["报送情况"].iter_rows()]
    (section_row,) = [row for row in rows if row[0] == FINANCE]
    assert section_row[1] == "程序没能读"
    (file_row,) = [row for row in rows if row[0] == f"{FINANCE}李某.xlsx"]
    assert file_row[1] == "程序没能读（不是表的问题）"
    assert "程序有错，不是表的问题" in str(file_row)
    overview = [[cell.value for cell in row] for row in workbook["总览"].iter_rows()]
    rates = {row[0]: [cell for cell in row if cell is not None][-1] for row in overview if row[0]}
    assert rates[FINANCE] == "—"
    assert str(rates[OFFICE]).startswith("=")
    detail = [[cell.value for cell in row] for row in workbook["科室明细"].iter_rows()]
    statuses = {str(row) for row in detail if FINANCE in row}
    assert len(statuses) == 4
    assert all("程序没能读" in row and "逾期" not in row for row in statuses)
    # What is passed on has neither the traceback nor the cell that an exception quotes.
    texts = b"".join(unpack((office / "汇总" / "2022年度汇总.xlsx").read_bytes()).values())
    assert b"parse.py" not in texts
    assert SECRET.encode() not in texts


def test_a_sound_file_is_not_said_to_be_rejected(office: Path, planted: Plant) -> None:
    """What the merge thinks of it; without a book nothing is said of it."""
    program = planted(fail_on(SECRET))
    for words, expected in (
        (("台账.xlsx", "收回"), {"SKIPPED", "NOT_READ", "ACCEPTED_WITH_PROBLEMS", "ACCEPTED"}),
        (("收回",), {None}),
    ):
        assert program.run("diagnose", *words).returncode == 0
        found = json.loads(unpack((office / "诊断.zip").read_bytes())["诊断.json"])
        assert {one.get("status") for one in found["files"]} <= expected
    done = program.run("diagnose", "台账.xlsx")
    assert "没有发现程序出错，一般不用发" in done.stdout


def test_the_folder_remembers_whom_the_program_could_not_read(office: Path, planted: Plant) -> None:
    """Without a command: nobody is pushed, and the diagnosis is named."""
    program = planted(fail_on(SECRET))
    assert program.run(*COLLECT, "-o", "汇总").returncode == 1
    done = program.run()
    assert f"程序没能读的科室（不是表的问题，不要催）：{FINANCE}。" in done.stdout
    assert "ledgerbook diagnose 台账.xlsx 收回" in done.stdout
    assert f"催{FINANCE}" not in done.stdout


def test_a_traceback_is_shown_on_demand(planted: Plant) -> None:
    """--debug shows it with records of the run, on standard error alone."""
    program = planted(fail_on(SECRET))
    done = program.run(*COLLECT, "--dry-run", "--debug")
    assert f"KeyError: '{SECRET}'" in done.stderr
    assert "_parse_row" in done.stderr
    assert "read 3 files" in done.stderr
    assert "Traceback" not in done.stdout
    records = [line for line in done.stderr.splitlines() if " ms ledgerbook" in line]
    assert len(records) == 5
    assert not any(text in str(records) for text in (SECRET, "李某", KEY, USER))
    checked = program.run("check", f"收回/{FINANCE}李某.xlsx", "--book", "台账.xlsx")
    assert (checked.returncode, checked.stdout) == (2, "")
    assert "请运行“ledgerbook diagnose 文件”" in checked.stderr
    assert "程序修好后再检查一次" in checked.stderr
    assert "程序有错，不是表的问题" in checked.stderr
    # Beside a sound file it is told apart from what the section must correct.
    checked = program.run("check", "收回", "--book", "台账.xlsx", "--as-of", "2022-12-20")
    (line,) = [one for one in checked.stdout.splitlines() if one.startswith(FINANCE)]
    assert line == f"{FINANCE}李某.xlsx：程序没能读（不是表的问题）。"
    assert (checked.returncode, checked.stdout.count("程序出错 1 处")) == (1, 1)
    assert "须改 " not in checked.stdout


def test_a_file_of_an_unknown_sender_makes_nobody_late(office: Path, planted: Plant) -> None:
    """Where a bug strikes before the marks are read, whoever is missing may have returned."""
    (office / "收回" / f"{OFFICE}李某.xlsx").unlink()
    (office / "收回" / "没有名字.xlsx").write_bytes(
        b"PK\x03\x04" + (office / "收回" / f"{FINANCE}李某.xlsx").read_bytes()[4:] + b"xl/media"
    )
    done = planted(FAIL_IN_READER).run(*COLLECT)
    assert done.returncode == 1
    assert "未报送的科室：无。" in done.stdout
    assert f"先不要催）：{OFFICE}。" in done.stdout


def test_a_bug_in_a_callback_of_the_xml_parser_is_ours(office: Path, planted: Plant) -> None:
    """Nobody is told that the file is damaged, and the diagnosis finds the place."""
    program = planted(FAIL_IN_SCANNER)
    done = program.run(*COLLECT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "程序有错，不是表的问题：有 3 个文件程序没能读（错误代号 KeyError）"
    )
    diagnosed = program.run("diagnose", "台账.xlsx", "收回")
    assert "程序有 4 处出错" in diagnosed.stdout
    assert b"xlsx_scan.py" in unpack((office / "诊断.zip").read_bytes())["诊断.json"]


def test_nothing_is_written_when_all_fail(office: Path, planted: Plant) -> None:
    """No summary in which every section is missing: exit code 2, one sentence."""
    before = outputs(office)
    program = planted(FAIL_ON_ALL)
    done = program.run(*COLLECT)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(
        "程序有错，不是表的问题：有 3 个文件程序没能读（错误代号 KeyError），没有写任何文件："
    )
    assert "不要让科室重新报送" in done.stderr
    assert "Traceback" in program.run(*COLLECT, "--debug").stderr
    assert "请保留这些文件" in done.stderr
    report = program.run("report", "台账.xlsx", "收回")
    assert (report.returncode, report.stdout) == (2, "")
    assert "程序修好后再起草一次" in report.stderr
    generate = program.run("generate", "台账.xlsx", "--from", "收回")
    assert (generate.returncode, "程序有错，不是表的问题" in generate.stderr) == (2, True)
    assert outputs(office) == before


def test_a_roll_up_of_what_cannot_be_read_is_not_written(office: Path, planted: Plant) -> None:
    """No unit is asked for another summary because our reader is wrong."""
    program = planted(FAIL_IN_ROLLUP)
    assert program.run(*COLLECT).returncode == 0
    done = program.run("rollup", "汇总", "-o", "上级汇总", "--as-of", "2022-12-20")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "程序有错，不是表的问题：有 1 个文件程序没能读（错误代号 KeyError）" in done.stderr
    assert not (office / "上级汇总").exists()


PRIVATE = (
    SECRET,
    PASSWORD,
    KEY,
    *SECTIONS,
    "李某",
    "台账.xlsx",
    "某市金融工作局",
    "规范行政法规使用",
    "已经办好",
    "重点任务台账",
    "收回",
    USER,
    f"{Path.home()}/",
)


def find_private(data: bytes, *more: str) -> list[str]:
    """Return the private texts that are anywhere in an unpacked zip, names of entries included."""
    (note_name, note), (data_name, found) = unpack(data).items()
    assert (note_name, data_name) == ("说明.txt", "诊断.json")
    assert "发给给您装本工具的人（本单位的电脑维护人员）" in note.decode()
    # JSON may escape what is not ASCII, and text may be in any encoding.
    spellings = {
        one: {
            json.dumps(one)[1:-1].encode(),
            *(one.encode(e) for e in ("utf-8", "gbk", "utf-16-le")),
        }
        for one in (*PRIVATE, *more)
    }
    return [one for one, ways in spellings.items() if any(way in found for way in ways)]


def test_a_diagnosis_has_what_helps_and_nothing_private(
    tmp_path: Path, office: Path, planted: Plant
) -> None:
    """Where the bug is, how the files are built; every byte is looked through."""
    program = planted(FAIL_ON_ALL)
    words = ("diagnose", "台账.xlsx", "收回", "--password", PASSWORD)
    done = program.run(*words, USER=USER, LOGNAME=USER, HOME=str(tmp_path / "home"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "读了 4 个文件，程序有 3 处出错。" in done.stdout
    assert f"诊断信息写在：{office / '诊断.zip'}。" in done.stdout
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("编号对照")]
    pairs = [one.split(" ") for one in line.rstrip("。").partition("：")[2].split("、")]
    assert [number for number, _ in pairs] == ["1", "2", "3", "4"]
    returns = {f"{section}李某.xlsx" for section in SECTIONS}
    assert {name.rpartition("/")[2] for _, name in pairs} == {"台账.xlsx", *returns}
    data = (office / "诊断.zip").read_bytes()
    home, hosts = (
        str(tmp_path),
        [one for one in (platform.node(), getpass.getuser()) if len(one) > 4],
    )
    assert find_private(data, home, *hosts) == []
    found = json.loads(unpack(data)["诊断.json"])
    assert found["python"] == platform.python_version()
    assert found["libraries"]["openpyxl"][0].isdigit()
    assert found["steps"] == {"book": "ok", "read": "ok", "merge": "ok"}
    faulty = [one for one in found["files"] if one["fault"]]
    assert len(faulty) == 3
    assert {one["status"] for one in faulty} == {"NOT_READ"}
    for one in faulty:
        assert one["fault"][0] == "KeyError"
        assert one["fault"][-1].startswith("  ledgerbook/intake/parse.py:")
        assert one["fault"][-1].endswith(" _parse_row")
        assert (one["suffix"], len(one["sha256"])) == (".xlsx", 12)
        parts = {part["name"]: part for part in one["structure"]["parts"]}
        assert parts["xl/workbook.xml"]["states"][0] == "visible"
        assert parts["xl/worksheets/sheet1.xml"]["cells"]["inlineStr"] > 30
        assert parts["xl/styles.xml"]["elements"]["xf"] > 10
    # The same files, the same bytes; what is not ours is never overwritten.
    program.run(*words)
    assert (office / "诊断.zip").read_bytes() == data
    (office / "诊断.zip").write_bytes(b"PK")
    assert program.run(*words).returncode == 0
    assert (office / "诊断.zip").read_bytes() == b"PK"
    assert (office / "诊断(2).zip").read_bytes() == data


def test_a_crash_leaves_a_diagnosis_beside_the_launcher(
    tmp_path: Path, office: Path, planted: Plant
) -> None:
    """What ends a command is written down at once, and the sentence says where."""
    program = planted(FAIL_IN_MERGE)
    desk = tmp_path / "desk"
    desk.mkdir()
    done = program.run(*COLLECT, "--password", PASSWORD, LEDGERBOOK_FOLDER=str(desk))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "程序内部出错，没有完成（KeyError）。原有文件没有改动。" in done.stderr
    assert f"诊断信息写在：{desk / '诊断.zip'}。" in done.stderr
    data = (desk / "诊断.zip").read_bytes()
    assert find_private(data) == []
    found = json.loads(unpack(data)["诊断.json"])
    assert found["command"] == ["collect", "文件.xlsx", "文件夹", "--as-of", "…", "--password", "…"]
    assert found["fault"][-1].endswith(" merge_returns")
    # diagnose finds the same bug, and survives it.
    again = program.run("diagnose", "台账.xlsx", "收回", "-o", "再看.zip")
    assert again.returncode == 0
    assert find_private((office / "再看.zip").read_bytes()) == []
    steps = json.loads(unpack((office / "再看.zip").read_bytes())["诊断.json"])["steps"]
    assert steps["merge"]["fault"][0] == "KeyError"


def test_a_fault_after_files_were_written_names_them(office: Path, planted: Plant) -> None:
    """Nobody is told that nothing has changed."""
    done = planted(FAIL_AFTER_SUMMARY).run(*COLLECT)
    assert done.returncode == 2
    summary = Path("汇总", "2022年度汇总.xlsx")
    assert (office / summary).exists()
    assert f"出错以前已经写好的文件：{summary}" in done.stderr
    assert "原有文件没有改动" not in done.stderr
    assert not list(office.glob(".~*"))
