"""Personal data stays in the office: nothing that leaves it carries any, unless asked.

Names and telephone numbers are planted in every place of the returns from which a content
finds its way into a summary. Each must be in the full summary, which shows that it was
planted well, and in none of the bytes of what is reduced.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from ledgerbook import forms, read_frames
from ledgerbook.book import build_book_bytes
from ledgerbook.merge.personal_data import OMITTED_TEXT
from ledgerbook.model import Section
from ledgerbook.model.office_entries import OfficeEntry, OfficeNote
from tests.commands.test_year import COLLECTED, Q1, Q2, Office, make_year_book, run
from tests.support.books import FINANCE, INDUSTRY, OFFICE, columns_of, rows_of
from tests.support.summary_reading import calamine_grid, list_texts
from tests.support.visits_form import VISITS

# Whole jobs: several commands each, with worker processes.
pytestmark = pytest.mark.slow

APPLICATIONS, VISITS_TITLE = "依申请公开办理台账", "来访登记"
# Where it is planted → what is planted.
PLANTED = {
    "an answer": "13900000101",
    "an answer that a later round changes": "13900000102",
    "the answer that it changes to": "13900000103",
    "an answer that holds in a conflict": "13900000104",
    "an answer that does not": "13900000105",
    "an answer that is doubtful": "找欧阳甲六问",
    "an answer of the office": "13900000107",
    "the ground of an answer of the office": "欧阳丙二",
    "an applicant": "欧阳甲八",
    "the content of an application": "欧阳甲九家的拆迁补偿",
    "an applicant that a later file changes": "欧阳乙十",
    "the applicant that it changes to": "欧阳乙一",
    "the identity of an entry": "欧阳乙二",
    "the identity of an entry with a mistake": "欧阳乙三",
    "the identity of a repeated entry": "欧阳乙四",
    "a note on a telephone": "欧阳乙五",
    "a note on an applicant": "欧阳乙六",
    "a text outside the table": "欧阳乙七",
    "a row that nobody knows": "欧阳乙八",
    "a sheet that is not ours": "欧阳乙九",
    "an entry that a later file lacks": "欧阳丙十",
    "the choice of an entry": "欧阳丙一",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return a folder with returns of two rounds, in which all that is PLANTED stands."""
    folder = tmp_path_factory.mktemp("personal")
    book = make_year_book()
    registers = [form for form in forms.load_factory_forms() if form.key == "applications"]
    registers.append(forms.load_form(VISITS))
    keys = tuple(form.key for form in registers)
    book = replace(
        book,
        sections=(Section(OFFICE), Section(FINANCE, register_keys=keys), Section(INDUSTRY)),
        forms=(book.task_form, *registers),
        office_entries=(
            OfficeEntry(
                FINANCE,
                Q1,
                "tasks",
                "T07",
                "phone",
                PLANTED["an answer of the office"],
                f"{PLANTED['the ground of an answer of the office']}来电",
                date(2022, 3, 25),
            ),
        ),
        office_notes=(
            OfficeNote(
                date(2022, 3, 26),
                f"visits·{FINANCE}·{PLANTED['the choice of an entry']}",
                "采用哪个：来访事项",
                "没有这样的内容",
            ),
        ),
    )
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    office = Office(folder)
    office.generate(Q1)
    _fill_first_round(office)
    office.generate(Q2)
    office.fill(
        office.get_form(Q2),
        "二季度.xlsx",
        "2022-06-20 09:00",
        {2: {"phone": PLANTED["the answer that it changes to"]}},
    )
    return office


def _fill_first_round(office: Office) -> None:
    form = office.get_form(Q1)

    def spoil(workbook: Workbook) -> None:
        sheet, register = workbook[FINANCE], workbook[APPLICATIONS]
        columns, rows = columns_of(sheet), rows_of(sheet)
        phone = sheet.cell(rows["T05"], columns["phone"])
        phone.comment = Comment(PLANTED["a note on a telephone"], "某人")
        applicant = register.cell(6, columns_of(register)["applicant"])
        applicant.comment = Comment(PLANTED["a note on an applicant"], "某人")
        sheet.cell(rows["T16"] + 6, 3).value = PLANTED["a text outside the table"]
        unknown = rows["T15"]
        for column in range(1, sheet.max_column + 1):
            sheet.cell(unknown, column).value = None
        sheet.cell(unknown, columns["measure"]).value = "另外做的一件事"
        sheet.cell(unknown, columns["phone"]).value = PLANTED["a row that nobody knows"]

    entry = {"received_on": date(2022, 3, 1), "carried_over": "否"}
    office.fill(
        form,
        "一季度.xlsx",
        "2022-03-10 09:00",
        {
            1: {"status": "推进中", "phone": PLANTED["an answer"]},
            2: {"phone": PLANTED["an answer that a later round changes"]},
            3: {"phone": PLANTED["an answer that does not"]},
            4: {"phone": PLANTED["an answer that is doubtful"]},
        },
        entries={
            APPLICATIONS: {
                0: {
                    **entry,
                    "number": "1",
                    "applicant": PLANTED["an applicant"],
                    "content": PLANTED["the content of an application"],
                },
                1: {
                    **entry,
                    "number": "2",
                    "applicant": PLANTED["an applicant that a later file changes"],
                },
            },
            VISITS_TITLE: {
                0: {"visitor": PLANTED["the identity of an entry"], "matter": "咨询"},
                1: {
                    "visitor": PLANTED["the identity of an entry with a mistake"],
                    "day": date(2022, 3, 9),
                    "left_on": date(2022, 3, 8),
                },
                2: {"visitor": PLANTED["the identity of a repeated entry"], "matter": "甲"},
                3: {"visitor": PLANTED["the identity of a repeated entry"], "matter": "乙"},
                4: {
                    "visitor": PLANTED["an entry that a later file lacks"],
                    "matter": "投诉",
                },
            },
        },
        change=spoil,
    )
    office.fill(
        form,
        "一季度另一份.xlsx",
        "2022-03-20 09:00",
        {3: {"phone": PLANTED["an answer that holds in a conflict"]}},
        entries={
            APPLICATIONS: {
                0: {
                    **entry,
                    "number": "2",
                    "applicant": PLANTED["the applicant that it changes to"],
                }
            },
            VISITS_TITLE: {
                0: {"visitor": PLANTED["the identity of an entry"], "matter": "咨询别的"}
            },
        },
    )
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["姓名", "电话"])
    sheet.append([PLANTED["a sheet that is not ours"], "一"])
    workbook.save(office.returned / "别的表.xlsx")


def list_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a package, also of packages in it; any other file whole."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        yield "", data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            for inner, part in list_parts(package.read(name)):
                yield name + inner, part


def find_planted(data: bytes) -> set[str]:
    """Return the places of PLANTED whose text is anywhere in the bytes."""
    return {
        place
        for place, text in PLANTED.items()
        for _, part in list_parts(data)
        if text.encode() in part or text.encode("utf-16-le") in part
    }


def find_exported(folder: Path) -> set[str]:
    """Return the places of PLANTED whose text is in a file of an export."""
    files = list(folder.iterdir())
    assert len(files) > 5
    return set[str]().union(*(find_planted(path.read_bytes()) for path in files))


@pytest.fixture(scope="module")
def collected(office: Office) -> Path:
    """Return the folder of the full summary and of all that is reduced."""
    printed = office.collect("--for-upload", "--export", "csv").printed
    office.collect("--export", "parquet")
    assert "上报汇总.xlsx" in printed
    return office.folder / "汇总"


def test_the_full_summary_has_all_that_is_planted(collected: Path) -> None:
    """Else the tests below would say nothing; its first sheet says whom it is for."""
    data = (collected / "2022年度汇总.xlsx").read_bytes()
    # What is not ours goes into no output.
    assert set(PLANTED) - find_planted(data) == {"a sheet that is not ours"}
    (sentence,) = (t for t in list_texts(calamine_grid(data, "总览")) if "个人信息" in t)
    assert "重点任务台账的联系电话" in sentence
    assert "仅供综合科使用；上报请用“2022上报汇总.xlsx”" in sentence


def test_the_reduced_summary_has_nothing_of_it(collected: Path) -> None:
    """Not in any part of the file; the columns are there, and the sheets say what is left out."""
    data = (collected / "2022上报汇总.xlsx").read_bytes()
    assert find_planted(data) == set()
    workbook = load_workbook(io.BytesIO(data))
    full = load_workbook(collected / "2022年度汇总.xlsx")
    assert [name for name in full.sheetnames if name not in workbook.sheetnames] == ["_办理"]
    (sentence,) = (t for t in list_texts(calamine_grid(data, "总览")) if "个人信息" in t)
    assert (
        "没有列出个人信息：重点任务台账的联系电话；依申请公开办理台账的申请人、申请内容" in sentence
    )
    (account,) = (t for t in list_texts(calamine_grid(data, "报送情况")) if "收到填写的单元格" in t)
    assert "两者一致" in account
    assert "汇入汇总的 13 个格子空着；“冲突”" in account


def test_the_board_has_nothing_of_it(collected: Path) -> None:
    """Though it lists the answers, conflicts aside, the problems and the open limits."""
    page = (collected / "看板.html").read_bytes()
    assert find_planted(page) == set()
    assert "推进中" in page.decode()
    assert OMITTED_TEXT in page.decode()


def test_the_figures_are_the_same(collected: Path) -> None:
    """Every value of every sheet is that of the full summary, or is left out, or says so."""
    reduced = (collected / "2022上报汇总.xlsx").read_bytes()
    full = (collected / "2022年度汇总.xlsx").read_bytes()
    for sheet in ("年度汇总", "科室明细", "逾期临期", "各批次进展", "年报表三", APPLICATIONS):
        if sheet not in load_workbook(io.BytesIO(full), read_only=True).sheetnames:
            continue
        before, after = calamine_grid(full, sheet), calamine_grid(reduced, sheet)
        assert len(before) == len(after)
        changed = {
            str(new)
            for old_row, new_row in zip(before[3:], after[3:], strict=True)
            for old, new in zip(old_row, new_row, strict=True)
            if old != new and not find_planted(str(old).encode())
        }
        assert changed == set()


def test_the_exports_have_no_such_columns(collected: Path) -> None:
    for kind in ("csv", "parquet"):
        folder = collected / f"2022年度汇总数据表（{kind}）"
        assert find_exported(folder) == set()
        frames = read_frames(folder)
        assert "person" in frames["tasks"].columns
        assert "phone" not in frames["tasks"].columns
        applications = frames["register_applications"]
        assert "number" in applications.columns
        assert not {"applicant", "content"} & set(applications.columns)


def test_json_has_nothing_of_it_unless_asked(office: Office) -> None:
    words = ("collect", str(office.book), str(office.returned), "--dry-run", "--json")
    day = ("--as-of", COLLECTED)
    _, printed = run(*words, *day)
    assert find_planted(printed.encode()) == set()
    entry = json.loads(printed)["registers"][0]["records"][0]["answers"]
    assert "applicant" not in entry
    assert entry["number"] == "1"
    _, printed = run(*words, *day, "--with-personal-data")
    # The answers to tasks are in the exports, not in this.
    assert find_planted(printed.encode()) >= {"an applicant", "an answer that does not"}


def test_exports_have_it_when_asked(office: Office) -> None:
    office.collect("--export", "csv", "--with-personal-data", output="全")
    found = find_exported(office.folder / "全" / "2022年度汇总数据表（csv）")
    assert {"an answer", "an answer of the office", "an applicant"} <= found
    assert not (office.folder / "全" / "2022上报汇总.xlsx").exists()


def test_what_the_office_chose_is_left_out_too(office: Office) -> None:
    """A choice among telephones is kept as the number; neither JSON nor the new file has it."""
    output = office.folder / "选"
    office.collect("--for-upload", output="选")
    path = output / "2022年度汇总.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["冲突"]
    header = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {str(cell.value): cell.column for cell in header}
    for row in range(header[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, columns["栏目"]).value in ("联系电话", "申请人"):
            sheet.cell(row, columns["采用哪个"]).value = "未采用的"
    workbook.properties.modified = datetime(2022, 12, 21)  # noqa: DTZ001
    workbook.save(path)
    before = office.book.read_bytes()
    words = (str(office.book), str(office.returned), "-o", str(output), "--as-of", COLLECTED)
    _, printed = run("collect", *words, "--json")
    office.book.write_bytes(before)
    harvested = json.loads(printed)["office"]["harvested"]
    assert [note["item"] for note in harvested] == ["采用哪个：联系电话", "采用哪个：申请人"]
    assert find_planted(printed.encode()) == set()
    assert find_planted((output / "2022上报汇总.xlsx").read_bytes()) == set()


def test_it_is_kept_up_to_date_once_it_is_there(office: Office) -> None:
    """An old one beside a new summary would be sent; one that somebody saved is kept aside."""
    output = office.folder / "新"
    office.collect(output="新")
    upload = output / "2022上报汇总.xlsx"
    assert not upload.exists()
    office.collect("--for-upload", output="新")
    written = upload.read_bytes()
    upload.write_bytes(b"")
    office.collect(output="新")
    assert upload.read_bytes() == written
    workbook = load_workbook(upload)
    workbook["总览"]["A1"] = "改过"
    workbook.save(upload)
    printed = office.collect(output="新").printed
    assert upload.read_bytes() == written
    (copy,) = output.glob("2022上报汇总（*.xlsx")
    assert f"留存在：{copy}" in printed


def test_an_upload_summary_among_the_returns_is_no_return(office: Office) -> None:
    """The output folder may lie among the returns."""
    name = "汇总/2022上报汇总.xlsx"
    office.collect("--for-upload", output="收回/汇总")
    summary = office.collect(output="收回/汇总")
    files = [line["文件"] for line in summary.read_lines("报送情况", "文件")]
    assert not [file for file in files if name in file]


# --- mails, and the book ---


def test_a_mail_has_it_only_when_asked(office: Office) -> None:
    """The form of a section with names of applicants is not attached to a draft unasked."""
    words = ("--round", Q2, "--as-of", "2022-06-02", "--from", str(office.returned), "--eml")
    before = office.book.read_bytes()
    for output, more, drafts in (
        ("信", (), {f"{INDUSTRY}.eml"}),
        ("全信", ("--with-personal-data",), {f"{FINANCE}.eml", f"{INDUSTRY}.eml"}),
    ):
        folder = office.folder / output
        code, printed = run("generate", str(office.book), "-o", str(folder), *words, *more)
        assert code == 0, printed
        assert {path.name for path in folder.rglob("*.eml")} == drafts
        assert (f"{FINANCE}的登记簿里带着以前登记的个人信息" in printed) is not bool(more)
        assert "an applicant" in find_planted((folder / Q2 / f"{FINANCE}.xlsx").read_bytes())
        # It goes round among the sections, and has no register.
        master = find_planted((folder / Q2 / "总台账.xlsx").read_bytes())
        assert not {"an applicant", "the content of an application"} & master
    office.book.write_bytes(before)


@pytest.mark.skipif(os.name == "nt", reason="On Windows the folder gives the rights")
def test_a_new_book_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The key by which returns are recognised is in it."""
    plan = Path("examples/zhongshan-2022/plan.docx")
    (tmp_path / "台账").mkdir(mode=0o755)
    code, printed = run("init", str(plan), "-o", str(tmp_path / "台账" / "台账.xlsx"))
    assert code == 0, printed
    assert (tmp_path / "台账" / "台账.xlsx").stat().st_mode & 0o777 == 0o600


# --- the level above ---


def roll_up(office: Office, output: str, *words: str) -> tuple[int, str, Path]:
    """Roll up 各局; return exit code, what was printed and the folder of the results."""
    folder = office.folder / output
    options = ("-o", str(folder), "--name", "某市", "--as-of", COLLECTED, "--export", "csv")
    code, printed = run("rollup", str(office.folder / "各局"), *options, *words)
    return code, printed, folder


@pytest.fixture
def bureaus(office: Office, collected: Path) -> Office:
    """Return the folder, with both summaries of the bureau in 各局."""
    folder = office.folder / "各局"
    folder.mkdir(exist_ok=True)
    for name in ("2022年度汇总.xlsx", "2022上报汇总.xlsx"):
        (folder / name).write_bytes((collected / name).read_bytes())
    return office


@pytest.mark.parametrize("left_out", ["", "2022年度汇总.xlsx", "2022上报汇总.xlsx"])
def test_a_roll_up_of_either_has_nothing_of_it(bureaus: Office, left_out: str) -> None:
    """Both are summaries; of the two of one bureau one counts, and the other is named."""
    if left_out:
        (bureaus.folder / "各局" / left_out).unlink()
    _, printed, folder = roll_up(bureaus, f"市{left_out}")
    workbook = (folder / "某市2022年度汇总（合并）.xlsx").read_bytes()
    exported = folder / "某市2022年度汇总（合并）数据表（csv）"
    assert find_planted(workbook) == find_exported(exported) == set()
    frame = read_frames(exported)["tasks"]
    # Sixteen tasks of two sections.
    assert len(frame) == 32
    assert "phone" not in frame.columns
    assert "联系电话。" in " ".join(list_texts(calamine_grid(workbook, "总览")))
    if left_out:
        assert "问题清单：无" in list_texts(calamine_grid(workbook, "总览")), printed
    else:
        texts = list_texts(calamine_grid(workbook, "问题清单"))
        assert len([text for text in texts if "内容相同" in text]) == 1, printed


def test_a_roll_up_has_it_when_asked(bureaus: Office) -> None:
    """The full summary counts; what is rolled up once more has it only when asked again."""
    _, _, folder = roll_up(bureaus, "全市", "--with-personal-data")
    workbook = (folder / "某市2022年度汇总（合并）.xlsx").read_bytes()
    exported = find_exported(folder / "某市2022年度汇总（合并）数据表（csv）")
    assert "an answer" in find_planted(workbook) & exported
    assert "含个人信息（联系电话）" in " ".join(list_texts(calamine_grid(workbook, "总览")))
    notes = [t for t in list_texts(calamine_grid(workbook, "问题清单")) if "内容相同" in t]
    assert [note for note in notes if "与“2022年度汇总.xlsx”内容相同" in note] == notes != []
    above = bureaus.folder / "省"
    run("rollup", str(folder), "-o", str(above), "--name", "某省", "--as-of", COLLECTED)
    (result,) = above.glob("*.xlsx")
    assert find_planted(result.read_bytes()) == set()


def test_json_of_a_roll_up_has_nothing_of_it(bureaus: Office) -> None:
    """A row that cannot be merged is quoted without its telephone."""
    path = bureaus.folder / "各局" / "2022年度汇总.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["科室明细"]
    header = next(row for row in sheet.iter_rows() if row[0].value == "科室")
    columns = {str(cell.value): cell.column for cell in header}
    for row in range(header[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, columns["联系电话"]).value == PLANTED["an answer"]:
            sheet.cell(row, columns["行码"]).value = None
    workbook.save(path)
    (bureaus.folder / "各局" / "2022上报汇总.xlsx").unlink()
    _, printed, folder = roll_up(bureaus, "市JSON", "--json")
    assert "summary-row" in {problem["code"] for problem in json.loads(printed)["problems"]}
    assert find_planted(printed.encode()) == set()
    assert find_planted((folder / "某市2022年度汇总（合并）.xlsx").read_bytes()) == set()


def test_the_helper_looks_into_packages_within_packages() -> None:
    inner = io.BytesIO()
    workbook = Workbook()
    workbook.create_sheet(PLANTED["an answer"])
    workbook.save(inner)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.xlsx", inner.getvalue())
    assert find_planted(outer.getvalue()) == {"an answer"}
