"""An output that is open in Excel, WPS or LibreOffice: one message, nothing changed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.errors import FileError
from ledgerbook.storage import atomic, locks
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.txt"
LOCKS = {
    "~$2022年度汇总.xlsx": "Excel 或 WPS",
    ".~2022年度汇总.xlsx": "WPS",
    ".~lock.2022年度汇总.xlsx#": "LibreOffice",
}
# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow
posix = pytest.mark.skipif(os.name == "nt", reason="Windows itself refuses")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book and one return that has a mistake in it."""
    book = make_book()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    (tmp_path / "收回").mkdir()
    wrong = fill(issued(book, OFFICE), {"T01": {**DONE, "status": "差不多"}})
    (tmp_path / "收回" / "综合.xlsx").write_bytes(wrong)
    return tmp_path


def collect(office: Path, export: str = "") -> None:
    book, returns = office / "台账.xlsx", [office / "收回"]
    commands.collect(book, returns, office / "汇总", as_of=AS_OF, export=export)


def refused(office: Path, job: Callable[[], object]) -> str:
    """Run a job that must refuse; nothing in the folder may change."""
    before = contents(office)
    with pytest.raises(FileError) as caught:
        job()
    assert contents(office) == before
    return str(caught.value)


@posix
@pytest.mark.parametrize(("lock", "program"), LOCKS.items())
def test_whose_lock_it_is(tmp_path: Path, lock: str, program: str) -> None:
    """The program is named, and what to do where a lock was left behind."""
    target = tmp_path / "2022年度汇总.xlsx"
    target.write_bytes(b"old")
    atomic.check_writable([target])
    (tmp_path / lock).write_bytes(b"who")
    with pytest.raises(FileError) as caught:
        atomic.check_writable([target])
    assert str(caught.value) == (
        f"“{target}”正在 {program} 中打开（确实没有人打开的，请删去旁边的“{lock}”），"
        "写不进去。请关闭它，再运行一次；现在什么都没有改动。"
    )


@posix
def test_any_output_of_a_collect_that_is_open(office: Path) -> None:
    """None is renewed when one of them is open; closed, the next run goes through."""
    collect(office, "csv")
    back = office / "汇总" / "退回修改" / "综合科.xlsx"
    book = make_book()
    good = {task.code: DONE for task in book.get_tasks(OFFICE)}
    (office / "收回" / "综合.xlsx").write_bytes(fill(issued(book, OFFICE), good))
    locked = ("2022年度汇总.xlsx", "2022年度汇总数据表（csv）/files.csv", "退回修改/综合科.xlsx")
    for path in (office / "汇总" / name for name in locked):
        lock = path.with_name(f"~${path.name}")
        lock.write_bytes(b"")
        assert str(path) in refused(office, lambda: collect(office, "csv"))
        lock.unlink()
    collect(office, "csv")
    assert not back.exists()


@posix
def test_a_lock_without_its_file_is_nothing(tmp_path: Path) -> None:
    """What a lock lay beside has been moved away: there is nothing to protect."""
    (tmp_path / "~$2022年度汇总.xlsx").write_bytes(b"")
    atomic.check_writable([tmp_path / "2022年度汇总.xlsx"])


@posix
def test_issued_workbooks_that_are_open(office: Path) -> None:
    """All that are open are named at once; no file of the round is renewed."""
    folder = office / "发出" / "年度"

    def generate(day: date = AS_OF) -> None:
        commands.generate(office / "台账.xlsx", office / "发出", issued_on=day, eml=True)

    generate()
    for name in ("~$综合科.xlsx", ".~lock.总台账.xlsx#", ".~产业金融科.eml"):
        (folder / name).write_bytes(b"")
    said = refused(office, lambda: generate(date(2022, 12, 21)))
    for name in ("综合科.xlsx", "总台账.xlsx", "产业金融科.eml"):
        assert str(folder / name) in said


@posix
@pytest.mark.parametrize(
    "lock", ["~$22年报.docx", "~$022年报.docx", "~$2022年报.docx", ".~2022年报.docx"]
)
def test_a_draft_that_is_open(office: Path, lock: str) -> None:
    """Word leaves the first letters out of a lock's name."""
    target = office / "2022年报.docx"
    target.write_bytes(b"old")
    (office / lock).write_bytes(b"")

    def report() -> None:
        commands.write_report(
            office / "台账.xlsx",
            [office / "收回"],
            target,
            as_of=AS_OF,
            overwrite=True,
        )

    said = refused(office, report)
    assert "正在 W" in said
    assert "Excel" not in said


@posix
def test_a_roll_up_that_is_open(office: Path) -> None:
    """The workbook and its export belong together: both or none."""
    collect(office)

    def rollup() -> None:
        commands.roll_up([office / "汇总"], office / "上级", as_of=AS_OF, export="csv")

    rollup()
    (export,) = (office / "上级").glob("*/tasks.csv")
    export.with_name(f"~${export.name}").write_bytes(b"")
    (office / "收回" / "综合.xlsx").unlink()
    collect(office)
    assert str(export) in refused(office, rollup)


@posix
def test_a_book_that_is_open_is_not_updated(tmp_path: Path) -> None:
    """No copy of the book as it was is left either."""
    book = tmp_path / "台账.xlsx"
    commands.init(PLAN, book)
    revised = tmp_path / "修订.txt"
    revised.write_text(PLAN.read_text("utf-8").replace("规范", "认真规范", 1), "utf-8")
    (tmp_path / "~$台账.xlsx").write_bytes(b"")
    said = refused(tmp_path, lambda: commands.update(revised, book, day=AS_OF))
    assert f"“{book}”正在 Excel 或 WPS 中打开" in said


def test_a_book_that_cannot_be_replaced_leaves_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system refuses in the last moment, the copy is taken away again."""
    book = tmp_path / "台账.xlsx"
    commands.init(PLAN, book)
    revised = tmp_path / "修订.txt"
    revised.write_text(PLAN.read_text("utf-8").replace("规范", "认真规范", 1), "utf-8")
    real = os.replace

    def refuse(source: object, goal: object, **more: object) -> None:
        if Path(str(goal)) == book:
            raise PermissionError(errno.EACCES, "in use", str(goal))
        real(source, goal, **more)  # type: ignore[arg-type,call-overload]

    monkeypatch.setattr(os, "replace", refuse)
    said = refused(tmp_path, lambda: commands.update(revised, book, day=AS_OF))
    assert f"文件“{book}”写不进去" in said
    monkeypatch.undo()
    commands.update(revised, book, day=AS_OF)
    assert read_book(tmp_path / "台账（更新前）.xlsx").tasks


def test_a_refusal_names_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system refuses, a lock beside the file says who has it."""
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    (tmp_path / ".~a.xlsx").write_bytes(b"")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileError, match="正在 WPS 中打开"):
        atomic.write_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".~a.xlsx", "a.xlsx"]


def test_a_moment_of_refusal_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a scanner of viruses may hold a new file; soon it lets go."""
    monkeypatch.setattr(atomic, "_RETRY_PAUSES", (0.001, 0.001))
    real, refusals = os.replace, [1, 2]

    def refuse(source: str, goal: str, **more: int) -> None:
        if refusals:
            raise PermissionError(errno.EACCES, f"scanned {refusals.pop()}")
        real(source, goal, **more)

    monkeypatch.setattr(os, "replace", refuse)
    atomic.write_file(tmp_path / "a.xlsx", b"new")
    assert (tmp_path / "a.xlsx").read_bytes() == b"new"


def test_what_windows_refuses_is_open_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a lock of a crashed program stops nothing, and a refusal needs no lock."""
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"old")
    (tmp_path / "~$a.xlsx").write_bytes(b"")
    assert not locks._is_write_refused(target)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "open", refuse)
    assert locks._is_write_refused(target)
    target.chmod(0o444)
    assert not locks._is_write_refused(target)
